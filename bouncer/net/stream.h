// A byte stream between Halley and one peer: TCP, a Unix socket, TLS over either, a WebSocket, or a pipe in a
// test.
//
// Thread: the loop's. Owner: whoever holds the unique_ptr; the Listener is a plain reference that must
// outlive the stream or be replaced. Destruction is silent: no callback follows it. Every callback may
// destroy the stream; an implementation touches no member after an emit unless it has checked that it still
// lives.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace halley::net {

class Stream {
 public:
  class Listener {
   public:
    // `bytes` are valid during the call only.
    virtual void on_data(std::string_view bytes) = 0;
    // After a write() took less than it was given: there is room again.
    virtual void on_drained() = 0;
    // Exactly once, and the last callback. Empty `reason`: the peer closed in order (or we did, and all was
    // flushed).
    virtual void on_closed(std::string_view reason) = 0;

   protected:
    ~Listener() = default;
  };

  virtual ~Stream() = default;

  // Sets who hears of this stream. A new stream is paused: nothing is read before resume().
  // REQUIRES: called before anything below.
  virtual void listen(Listener& listener) = 0;

  // Takes as many bytes as the kernel takes now, in order, and returns how many (0 up to the sum). It keeps
  // no pointer into `slices`: what it did not take stays the caller's, who tries again at on_drained(). At
  // most 64 slices are looked at in one call, so a caller with more simply calls again while all was taken.
  virtual std::size_t write(std::span<const std::string_view> slices) = 0;

  // Bytes that write() took but the kernel has not (ciphertext, frames). 0 on a plain socket. Bounded by 64
  // KiB.
  virtual std::size_t queued() const = 0;
  // Bytes the kernel took which the peer's host has not acknowledged (SIOCOUTQ); 0 where that cannot be
  // known.
  virtual std::size_t unacknowledged() const = 0;

  // The numeric address of this machine that the connection is to; empty: it has none, or none that is known.
  virtual std::string local_address() const { return {}; }

  virtual void pause() = 0;
  virtual void resume() = 0;

  // Flushes what is queued() (for at most 5 s), says goodbye where the protocol has one, and closes;
  // on_closed follows, never from inside this call. Nothing is read after it.
  virtual void close() = 0;

  // Gives the descriptor away, for a successor to go on with: it is neither closed nor told anything, and is
  // the caller's from then on. What the kernel holds for it, in both directions, stays there. The stream
  // calls nobody any more; only destroying it is left. The error is half a sentence: why this one cannot, as
  // is the case where more belongs to the connection than its descriptor (TLS) or where it is at its end;
  // nothing has changed then.
  virtual std::expected<int, std::string> give_up() {
    return std::unexpected("this kind of connection cannot be handed over");
  }
};

// Who is at the other end of an accepted or dialled stream.
struct Peer {
  std::string address;    // "127.0.0.1", "::1", "unix"
  bool loopback = false;  // a loopback address or a Unix socket
  bool tls = false;
  std::string
      cert_fingerprint;  // SHA-256 of the peer's certificate, lower-case hex; empty when it showed none
  std::string cert_sha512 = {};  // likewise; only of one that was accepted
  // What the request said that a WebSocket came by: its User-Agent; null: it came by none.
  std::shared_ptr<const std::string> agent = nullptr;
};

}  // namespace halley::net
