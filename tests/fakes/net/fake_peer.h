// The test's own end of a stream: keeps what arrives, and sends all it is given however slowly it goes.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/net/stream.h"

namespace halley::fakes {

// Owns its end. Works over any Stream (a FakeStream, a real socket, TLS).
class FakePeer final : public net::Stream::Listener {
 public:
  explicit FakePeer(std::unique_ptr<net::Stream> stream) : stream_(std::move(stream)) {
    stream_->listen(*this);
    stream_->resume();
  }

  void send(std::string_view bytes) {
    unsent_ += bytes;
    flush();
  }
  void send_line(std::string_view line) { send(std::string(line) + "\r\n"); }
  void pause() { stream_->pause(); }
  void resume() { stream_->resume(); }
  void close() { stream_->close(); }
  void destroy() { stream_.reset(); }

  // All that has arrived and was not taken.
  const std::string& received() const { return received_; }
  std::string take() { return std::exchange(received_, {}); }
  // The whole lines that have arrived and were not taken, without their ends; an unfinished one stays.
  std::vector<std::string> take_lines() {
    std::vector<std::string> lines;
    std::size_t end = 0;
    while ((end = received_.find('\n')) != std::string::npos) {
      std::string line = received_.substr(0, end);
      if (!line.empty() && line.back() == '\r') line.pop_back();
      lines.push_back(std::move(line));
      received_.erase(0, end + 1);
    }
    return lines;
  }
  bool closed() const { return closed_; }
  const std::string& reason() const { return reason_; }  // why it was closed; empty: in order
  std::size_t unsent() const { return unsent_.size(); }
  net::Stream& stream() { return *stream_; }

 private:
  void on_data(std::string_view bytes) override { received_ += bytes; }
  void on_drained() override { flush(); }
  void on_closed(std::string_view reason) override {
    closed_ = true;
    reason_ = reason;
  }
  void flush() {
    const std::string_view all = unsent_;
    if (closed_ || !stream_ || all.empty()) return;
    unsent_.erase(0, stream_->write({&all, 1}));
  }

  std::unique_ptr<net::Stream> stream_;
  std::string unsent_, received_, reason_;
  bool closed_ = false;
};

}  // namespace halley::fakes
