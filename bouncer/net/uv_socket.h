// A connected TCP or Unix socket as a Stream.
//
// Thread: the loop's. Owner: whoever has the Stream. A successor needs the descriptor alone.
#pragma once

#include <memory>

#include "bouncer/net/address_limits.h"
#include "bouncer/net/stream.h"
#include "bouncer/net/turn_list.h"
#include "bouncer/net/uv_loop.h"

namespace halley::net {

// Takes over a descriptor. REQUIRES: it is connected and non-blocking; the loop outlives the socket.
//
// One recv of at most 64 KiB a turn, into the loop's own buffer; write() goes straight to the kernel. The set
// of polled events changes as late as it can, because each change costs two system calls: pause() waits for
// the next input before it takes effect below, and a socket that drains and fills up again stays armed for
// writing.
//
// close() lets the peer read to the end: the kernel keeps sending what it took, and a socket left behind in
// the loop discards input until the peer closes too, for at most 2 s. Closing at once would answer unread
// input with a reset, which destroys what is under way. Destruction without close() does close at once.
class UvSocket final : public Stream, private TurnHook {
 public:
  // `place`: given back when the descriptor is closed, or with the stream that gave it up.
  UvSocket(UvLoop& loop, int descriptor, AddressLimits::Slot place = {});
  ~UvSocket() override;

  void listen(Listener& listener) override { listener_ = &listener; }
  std::size_t write(std::span<const std::string_view> slices) override;
  std::size_t queued() const override { return 0; }
  // Good during on_closed too: what a broken connection did not deliver. 0 on a Unix socket.
  std::size_t unacknowledged() const override;
  std::string local_address() const override;
  void pause() override;
  void resume() override;
  void close() override;
  std::expected<int, std::string> give_up() override;

 private:
  struct Block;
  class Lingering;

  void at_end_of_turn() override;
  void arm(int events);
  void on_poll(int status, int events);
  void on_poll_error();
  bool read_once();
  void finish(int error);
  void release();

  UvLoop& loop_;
  Listener* listener_ = nullptr;
  Block* block_;  // freed by libuv's closing
  AddressLimits::Slot place_;
  int descriptor_;
  int armed_ = 0;  // polled events
  int error_ = 0;  // of a write; told when all input has been read
  bool tcp_ = false;
  bool reading_ = false;
  bool want_write_ = false;  // on_drained is owed
  bool closing_ = false;
  bool closed_ = false;
};

}  // namespace halley::net
