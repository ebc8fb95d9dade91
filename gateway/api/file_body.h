// An uploaded file on its way out: read on a worker thread, a piece at a time, as it is taken.
//
// Thread: the loop's. Owner: the HttpConnection. Bounds: a piece of 64 KiB; who takes nothing for a minute is
// let go.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "bouncer/net/loop.h"
#include "bouncer/net/stream.h"
#include "gateway/http/stream_body.h"

namespace halley::gateway {

class FileBody final : public StreamBody {
 public:
  // `head`: the bytes of the answer's head; `bytes`: how many of the file it promises.
  FileBody(net::Loop& loop, net::Stream& stream, std::string_view head, std::filesystem::path path,
           std::uint64_t bytes);
  void begin() { flush(); }  // REQUIRES: called once

  bool leaving() const override { return state_.ended; }
  void drained() override { flush(); }
  void closed() override;

 private:
  struct Open;  // the file, shared with what reads it
  // What a successor needs beside the file's path. A piece that is on its way is read again.
  struct State {
    std::string out;         // what the peer has yet to take
    std::size_t out_at = 0;  // ... from here on
    std::uint64_t left;      // bytes of the file behind that
    bool ended = false;      // the stream is closing
  };
  void read_on();
  void flush();
  void end();

  net::Loop& loop_;
  net::Stream& stream_;
  std::unique_ptr<net::Timer> timer_;
  std::shared_ptr<Open> file_;
  State state_;
  bool reading_ = false, gone_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace halley::gateway
