// GET /api/export: all lines of one buffer, oldest first, as an answer that goes on: {"id","network","line"},
// one a line. It is whole when its last chunk is there; one that breaks off was not.
//
// Owner: the HttpConnection. Thread: the loop's. Bounds: a piece of 64 KiB at a time, read when the one
// before it is out; who takes nothing for a minute is let go. It ends with the login that asked for it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "bouncer/accounts/accounts.h"
#include "bouncer/core/live_user.h"
#include "bouncer/net/loop.h"
#include "bouncer/net/stream.h"
#include "gateway/http/stream_body.h"
#include "storage/api/event.h"

namespace halley::storage {
struct Page;
}

namespace halley::gateway {

class HistoryExport final : public StreamBody {
 public:
  struct Parts {
    net::Loop& loop;
    const Accounts& accounts;
    const LiveUser& live_user;
  };
  // Who asks, and for what.
  struct Wanted {
    UserId user = 0;
    std::uint64_t session = 0;  // by cookie
    DeviceId device = 0;        // by token
    std::string network;
    storage::BufferId buffer = 0;  // 0: nothing was ever said there
  };
  // `head`: the bytes of the answer's head, sent before anything else.
  HistoryExport(const Parts& parts, Wanted wanted, net::Stream& stream, std::string_view head, bool chunked);
  void begin() { flush(); }  // REQUIRES: called once

  bool leaving() const override { return state_.ended; }
  void drained() override { flush(); }
  void closed() override;

 private:
  User* asker() const;
  void read_on();
  void take(const User& user, const storage::Page& page);
  void put(std::string_view text);
  void flush();
  void end();

  // A page that is on its way is asked for again.
  struct State {
    Wanted wanted;
    bool chunked;
    std::string out;             // what the peer has yet to take
    std::size_t out_at = 0;      // ... from here on
    storage::EventId after = 0;  // the log is read on behind this event
    bool whole = false;          // the last piece is in `out`
    bool ended = false;          // the stream is closing
  };

  const Parts parts_;
  net::Stream& stream_;
  std::unique_ptr<net::Timer> timer_;
  State state_;
  bool reading_ = false, gone_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // pages that come later check that we still live
};

}  // namespace halley::gateway
