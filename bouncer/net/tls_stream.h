// TLS over any other stream.
//
// Thread: the loop's. Owner: whoever has the Stream. REQUIRES: the loop outlives it. Cannot be handed
// over: the keys are in OpenSSL, so the peer has to connect anew.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bouncer/net/loop.h"
#include "bouncer/net/stream.h"
#include "bouncer/net/tls_engine.h"

namespace halley::net {

// Owns the stream below. First handshake(), then a Stream like any other; before that write() takes nothing.
//
// Small slices of one write() share a record. At most 64 KiB of ciphertext wait here when the stream below is
// full, and write() takes nothing while any do; idle, nothing is held. A peer that ends the connection
// without TLS's goodbye has closed in order all the same: IRC servers and browsers often do, and both
// protocols mark their own ends.
class TlsStream final : public Stream, private Stream::Listener {
 public:
  TlsStream(Loop& loop, std::unique_ptr<Stream> below, TlsEngine engine);
  ~TlsStream() override;

  // REQUIRES: called once.
  // `done` is called once, never from inside this call, and not after destruction. With an empty error the
  // stream is open and paused; else the error is half a sentence, and the stream is of no further use. No
  // time limit here.
  using Done = std::function<void(const std::string& error)>;
  void handshake(Done done);
  // SHA-256 of the peer's certificate, lower-case hex; empty: it showed none. After a refusal too.
  const std::string& peer_fingerprint() const { return engine_.peer_fingerprint(); }
  std::string peer_sha512() const { return engine_.peer_sha512(); }  // REQUIRES: the handshake is done
  // The peer's certificate is why the handshake failed.
  bool certificate_refused() const { return engine_.certificate_refused(); }

  void listen(Stream::Listener& listener) override { listener_ = &listener; }
  std::size_t write(std::span<const std::string_view> slices) override;
  std::size_t queued() const override;
  std::size_t unacknowledged() const override { return below_->unacknowledged(); }  // counted in ciphertext
  void pause() override;
  void resume() override;
  void close() override;
  std::expected<int, std::string> give_up() override;

 private:
  enum class Phase { kNew, kShaking, kOpen, kClosing, kClosed };

  void on_data(std::string_view bytes) override;
  void on_drained() override;
  void on_closed(std::string_view reason) override;

  void shake();
  void pump();
  void keep_unread();
  bool flush();
  void start_closing(std::string reason);
  void resume_held();

  Loop& loop_;
  std::unique_ptr<Stream> below_;
  TlsEngine engine_;
  Stream::Listener* listener_ = nullptr;
  Done done_;
  std::string held_;    // ciphertext that came before a pause; at most one read of the stream below
  std::string reason_;  // why we are closing
  std::unique_ptr<Task> resume_task_;  // made when first needed, as is the timer
  std::unique_ptr<Timer> close_timer_;
  bool* destroyed_ = nullptr;  // set while a callback is made
  Phase phase_ = Phase::kNew;
  bool reading_ = false;
  bool owes_drained_ = false;
};

}  // namespace halley::net
