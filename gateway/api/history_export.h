// GET /api/export: all lines of one buffer, oldest first, as an answer that goes on: {"id","network","line"},
// one a line. It is whole when its last chunk is there; one that breaks off was not.
//
// Owner: the HttpConnection. Thread: the loop's. Bounds: a piece of 64 KiB at a time, read when the one
// before it is out; who takes nothing for a minute is let go. It ends with the login that asked for it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "bouncer/accounts/login.h"
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
    Login& login;
    UserId user = 0;
    std::uint64_t session = 0;  // by cookie
    DeviceId device = 0;        // by token
    std::string network;
    storage::BufferId buffer = 0;  // 0: nothing was ever said there
  };
  // `head`: the bytes of the answer's head, sent before anything else.
  HistoryExport(Parts parts, net::Stream& stream, std::string_view head, bool chunked);
  void begin() { flush(); }

  bool leaving() const override { return ended_; }
  void drained() override { flush(); }
  void closed() override;

 private:
  User* asker() const;
  void read_on();
  void take(const User& user, const storage::Page& page);
  void put(std::string_view text);
  void flush();
  void end();

  Parts parts_;
  net::Stream& stream_;
  std::unique_ptr<net::Timer> timer_;
  std::string out_;
  std::size_t out_at_ = 0;
  storage::EventId last_ = 0;
  bool chunked_, reading_ = false, gone_ = false;
  bool whole_ = false;                                     // the last piece is in out_
  bool ended_ = false;                                     // the stream is closing
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // pages that come later check that we still live
};

}  // namespace halley::gateway
