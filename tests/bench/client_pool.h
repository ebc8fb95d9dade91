// k clients of a bouncer in one epoll loop: attach, receive, check, report.
// Owner: main; one thread. Commands on standard input, answers as JSON lines (README.md of this folder lists
// them).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/control.h"
#include "tests/bench/session.h"
#include "tests/bench/timer.h"
#include "tests/bench/transport.h"

namespace bench {

struct PoolOptions {
  std::uint16_t port = 0;
  std::size_t clients = 1;
  bool tls = false;
  std::size_t ramp = 0;           // how many may be attaching at once; 0: all
  std::uint64_t expect = 0;       // lines per client after which it is finished; 0: until `stop`
  std::uint64_t linger_ms = 200;  // how long to watch for lines too many
};

class ClientPool {
 public:
  using MakeSession = std::function<std::unique_ptr<Session>(std::size_t index)>;
  ClientPool(PoolOptions options, MakeSession make_session);
  ~ClientPool();
  ClientPool(const ClientPool&) = delete;
  ClientPool& operator=(const ClientPool&) = delete;
  void run();

 private:
  struct Client {
    std::unique_ptr<Transport> transport;
    std::unique_ptr<Session> session;
    std::string carry;  // the front of a line whose rest is still to come
    std::uint64_t connected_ns = 0;
    bool attached = false;
    bool finished = false;
    bool writing = true;
  };

  void command(const Words& words);
  void connect_some();
  void on_ready(std::size_t index, std::uint32_t events);
  bool receive(Client& client);
  void note_progress(Client& client);
  void lost(std::size_t index);
  void watch(std::size_t index, int descriptor, std::uint32_t events, bool fresh) const;
  void update_watch(std::size_t index);
  void send_due();
  std::string next_said();
  void report(const char* event, bool complete);

  const PoolOptions options_;
  const MakeSession make_session_;
  const LineWriter writer_;
  Tally tally_;
  Control control_;
  Timer timer_;
  const int epoll_;
  SSL_CTX* tls_ = nullptr;
  std::vector<Client> clients_;
  std::vector<char> buffer_;
  std::size_t started_ = 0;  // clients connected so far
  std::size_t attached_ = 0;
  std::size_t finished_ = 0;
  std::size_t lost_ = 0;
  std::uint64_t run_ns_ = 0;
  std::uint64_t all_attached_ns_ = 0;
  std::uint64_t all_finished_ns_ = 0;
  bool stopping_ = false;

  // What the first client says.
  std::string target_, manner_;
  std::uint64_t send_started_ns_ = 0;
  std::uint64_t send_period_ns_ = 0;
  std::uint64_t to_send_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t at_once_ = 1;      // lines of a message
  std::uint64_t said_before_ = 0;  // by others, on the same connection to the network
};

}  // namespace bench
