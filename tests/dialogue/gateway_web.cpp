#include "tests/dialogue/gateway_web.h"

#include <fmt/format.h>

#include <array>
#include <catch2/catch.hpp>

#include "gateway/api/client_info.h"

namespace halley::dialogue {

namespace {

constexpr std::array kFiles = {gateway::Asset{.path = "/",
                                              .type = "text/html; charset=utf-8",
                                              .tag = "tag",
                                              .immutable = false,
                                              .plain = "<p>the page",
                                              .brotli = "compressed",
                                              .gzip = {}}};

}  // namespace

std::string Reply::header(std::string_view name) const {
  const std::size_t at = head.find(fmt::format("\r\n{}: ", name));
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

// --- Browser
// ---------------------------------------------------------------------------------------------------------

bool Browser::parse_head() {
  bytes_ += peer_->take();
  if (head_) return true;
  const std::size_t end = bytes_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  head_.emplace();
  head_->head = bytes_.substr(0, end + 2);
  head_->status = std::stoi(head_->head.substr(9, 3));
  chunked_ = head_->header("Transfer-Encoding") == "chunked";
  bytes_.erase(0, end + 4);
  return true;
}

bool Browser::answered() {
  scene_.loop.run_turns();
  return parse_head();
}

Reply Browser::reply() {
  const auto whole = [&] {
    if (!parse_head()) return peer_->closed();
    const std::string length = head_->header("Content-Length");
    return bytes_.size() >= (length.empty() ? 0 : std::stoul(length));
  };
  REQUIRE(scene_.turn_until(whole));
  REQUIRE(head_);
  Reply reply = *head_;
  head_.reset();
  const std::string length = reply.header("Content-Length");
  reply.body = bytes_.substr(0, length.empty() ? 0 : std::stoul(length));
  bytes_.erase(0, reply.body.size());
  return reply;
}

Reply Browser::head() {
  REQUIRE(scene_.turn_until([&] { return parse_head(); }));
  return *head_;
}

void Browser::unchunk() {
  if (!parse_head()) return;
  if (!chunked_) {
    body_ += std::exchange(bytes_, {});
    return;
  }
  std::size_t at = 0;
  while (!ended_) {
    const std::size_t line = bytes_.find("\r\n", at);
    if (line == std::string::npos) break;
    const std::size_t size = std::stoul(bytes_.substr(at, line - at), nullptr, 16);
    if (bytes_.size() < line + 2 + size + 2) break;
    REQUIRE(bytes_.compare(line + 2 + size, 2, "\r\n") == 0);
    body_.append(bytes_, line + 2, size);
    at = line + 2 + size + 2;
    ended_ = size == 0;
  }
  bytes_.erase(0, at);
}

// Lines of ndjson, or the id: and data: lines of SSE.
void Browser::split_frames() {
  unchunk();
  std::size_t at = 0;
  for (std::size_t end = body_.find('\n'); end != std::string::npos; end = body_.find('\n', at)) {
    std::string line = body_.substr(at, end - at);
    raw_ += line + '\n';
    at = end + 1;
    if (line.starts_with("id: ")) last_sse_id = line.substr(4);
    if (line.starts_with("data: ")) line.erase(0, 6);
    if (!line.starts_with("{")) continue;
    nlohmann::json frame = nlohmann::json::parse(line);
    if (!hello && frames_.empty() && frame.value("event", "") == "hello") {
      hello = std::move(frame);
    } else {
      frames_.push_back(std::move(frame));
    }
  }
  body_.erase(0, at);
}

std::vector<nlohmann::json> Browser::frames() {
  scene_.loop.run_turns();
  split_frames();
  return std::exchange(frames_, {});
}

std::vector<nlohmann::json> Browser::until(std::string_view part) {
  std::size_t looked_at = 0;
  const auto found = [&] {
    split_frames();
    for (; looked_at < frames_.size(); ++looked_at)
      if (frames_[looked_at].dump().find(part) != std::string::npos) return true;
    return peer_->closed() || (head_ && head_->status != 200);
  };
  const bool in_time = scene_.turn_until(found);
  if (!in_time || looked_at == frames_.size()) {
    INFO("waited for: " << part);
    INFO("head: " << (head_ ? head_->head : "none") << bytes_);
    INFO("what came: " << nlohmann::json(frames_).dump(1));
    FAIL((peer_->closed() ? "the stream ended first" : "it never came"));
  }
  const auto end = frames_.begin() + static_cast<std::ptrdiff_t>(looked_at) + 1;
  std::vector<nlohmann::json> seen(frames_.begin(), end);
  frames_.erase(frames_.begin(), end);
  return seen;
}

void Browser::expect_closed() {
  REQUIRE(scene_.turn_until([&] { return peer_->closed(); }));
}

// --- Web ---

Web::Web(Scene& scene)
    : scene_(scene),
      assets_(kFiles),
      addresses_([&scene] { return std::size_t{scene.config.limits.connections_per_address}; },
                 [&scene](const net::Address& address) {
                   return address.is_loopback() || gateway::is_trusted_proxy(address.text(), scene.config);
                 }) {
  scene.config.hostname = "halley.test";
  restart();
}

void Web::restart() {
  server_.reset();
  uploads_ = std::make_unique<gateway::UploadStore>(scene_.loop, scene_.random, scene_.directory / "uploads");
  REQUIRE(uploads_->open([this](UserId id) { return scene_.accounts().user(id) != nullptr; }).empty());
  scene_.daemon().watch_uploads(*uploads_);
  scene_.bouncer().on_user_removed([this](UserId id) { uploads_->forget(id); });
  server_ = std::make_unique<gateway::HttpServer>(
      gateway::HttpServer::Parts{.loop = scene_.loop,
                                 .random = scene_.random,
                                 .accounts = scene_.accounts(),
                                 .login = scene_.bouncer().login(),
                                 .live_user = scene_.bouncer().live_user(),
                                 .commands = scene_.bouncer().numbered_commands(),
                                 .config = scene_.config,
                                 .pusher = scene_.bouncer().pusher(),
                                 .assets = assets_,
                                 .addresses = addresses_,
                                 .uploads = uploads_.get()});
  server_->serve_irc([this](std::unique_ptr<halley::net::Stream> stream, halley::net::Peer peer) {
    scene_.bouncer().accept_irc(std::move(stream), std::move(peer));
  });
  scene_.bouncer().on_session_revoked([this](std::uint64_t id) {
    if (server_) server_->session_revoked(id);
  });
}

std::string Web::format(std::string_view method, std::string_view target, std::string_view headers,
                        std::string_view body) {
  std::string length;
  if (!body.empty())
    length = fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
  return fmt::format("{} {} HTTP/1.1\r\nHost: halley.test\r\n{}{}\r\n{}", method, target, headers, length,
                     body);
}

Browser Web::connect(fakes::PipeOptions options, net::Peer peer) {
  options.seed += ++connections_ * 131;
  auto [near, far] = fakes::FakeStream::make_pair(scene_.loop, options);
  // As an acceptor does: what has no place is closed.
  using Slot = net::AddressLimits::Slot;
  const net::Address address = net::Address::numeric(peer.address, 0);
  auto slot = address.valid() ? addresses_.take(address) : std::optional<Slot>(std::in_place);
  if (slot) {
    near->keep(std::make_shared<Slot>(std::move(*slot)));
    server_->accept(std::move(near), std::move(peer));
  } else {
    near.reset();
  }
  return {scene_, std::make_unique<fakes::FakePeer>(std::move(far))};
}

Reply Web::ask(std::string_view request, net::Peer peer) {
  Browser browser = connect({}, std::move(peer));
  browser.send(request);
  return browser.reply();
}

std::string Web::login(std::string_view user, std::string_view password) {
  const std::string body = nlohmann::json{{"username", user}, {"password", password}}.dump();
  const Reply reply = post("/api/login", body, "Origin: http://halley.test\r\n");
  REQUIRE(reply.status == 204);
  const std::string cookie = reply.header("Set-Cookie");
  return fmt::format("Cookie: {}\r\nOrigin: http://halley.test\r\n", cookie.substr(0, cookie.find(';')));
}

std::string Web::token(std::string_view user, std::string_view device) {
  const auto made = scene_.accounts().add_device(user, device);
  REQUIRE(made);
  scene_.accounts().flush(nullptr);
  return fmt::format("Authorization: Bearer {}\r\n", *made);
}

Browser Web::stream(std::string_view target, std::string_view headers, fakes::PipeOptions options) {
  Browser browser = connect(options);
  browser.send(format("GET", target, headers));
  return browser;
}

Reply Web::command(std::string_view headers, std::string_view client, std::uint64_t seq,
                   std::string_view line, std::string_view network) {
  const nlohmann::json body = {{"client", client}, {"seq", seq}, {"network", network}, {"line", line}};
  return post("/api/commands", body.dump(), headers);
}

}  // namespace halley::dialogue
