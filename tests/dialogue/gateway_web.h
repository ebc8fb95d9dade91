// The HTTP side of a Scene: a server beside the bouncer, and browsers and programs that ask it, each on a
// connection in memory that splits what passes at random.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/http_server.h"
#include "tests/dialogue/scene.h"

namespace halley::dialogue {

struct Reply {
  int status = 0;
  std::string head, body;
  std::string header(std::string_view name) const;  // empty: absent
  nlohmann::json json() const { return nlohmann::json::parse(body); }
};

class Web;

// A connection: asks, and reads answers and frames.
class Browser {
 public:
  Browser(Scene& scene, std::unique_ptr<fakes::FakePeer> peer) : scene_(scene), peer_(std::move(peer)) {}

  void send(std::string_view bytes) { peer_->send(bytes); }
  // A whole answer with its length; fails the test when none comes.
  Reply reply();
  bool answered();  // is one there already?

  // --- Of a stream ---
  Reply head();
  // Reads frames until one holds `part` in its text; gives those that came, that one included. Fails the test
  // when the stream ends first.
  std::vector<nlohmann::json> until(std::string_view part);
  nlohmann::json expect(std::string_view part) { return until(part).back(); }
  // The frames that have come and were not looked at.
  std::vector<nlohmann::json> frames();
  const std::string& raw() const { return raw_; }  // the body as it came, without its chunks
  std::string last_sse_id;
  std::optional<nlohmann::json> hello;  // the first frame of a stream, which stands in no list here
  void expect_closed();
  fakes::FakePeer& peer() { return *peer_; }

 private:
  bool parse_head();
  void unchunk();
  void split_frames();

  Scene& scene_;
  std::unique_ptr<fakes::FakePeer> peer_;
  std::string bytes_, body_, raw_;
  std::optional<Reply> head_;
  bool chunked_ = false, ended_ = false;
  std::vector<nlohmann::json> frames_;
};

class Web {
 public:
  explicit Web(Scene& scene);
  // The bouncer was started anew: so is the server.
  void restart();

  Browser connect(fakes::PipeOptions options = {}, net::Peer peer = {"127.0.0.1", true, false, ""});
  // One request on a connection of its own.
  Reply ask(std::string_view request, net::Peer peer = {"127.0.0.1", true, false, ""});
  Reply get(std::string_view target, std::string_view headers) { return ask(format("GET", target, headers)); }
  // /metrics, as a program on this machine asks for it.
  std::string metrics() { return ask("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:8067\r\n\r\n").body; }
  Reply post(std::string_view target, std::string_view body, std::string_view headers) {
    return ask(format("POST", target, headers, body));
  }
  // Logs in; the header line that a page of ours sends from then on (cookie and origin).
  std::string login(std::string_view user, std::string_view password = "secret");
  std::string token(std::string_view user, std::string_view device);  // a header line likewise
  Browser stream(std::string_view target, std::string_view headers, fakes::PipeOptions options = {});
  // {"client","seq","network","line"}
  Reply command(std::string_view headers, std::string_view client, std::uint64_t seq, std::string_view line,
                std::string_view network = "net");

  static std::string format(std::string_view method, std::string_view target, std::string_view headers,
                            std::string_view body = {});
  gateway::HttpServer& server() { return *server_; }
  // Counts as the acceptors do, for connections of any port.
  net::AddressLimits& addresses() { return addresses_; }
  void drop() { server_.reset(); }

 private:
  Scene& scene_;
  gateway::Assets assets_;
  net::AddressLimits addresses_;
  std::unique_ptr<gateway::UploadStore> uploads_;
  std::unique_ptr<gateway::HttpServer> server_;
  std::uint64_t connections_ = 0;
};

}  // namespace halley::dialogue
