// A push service in memory, and the device behind it: takes the requests that the bouncer dials, and decrypts
// what they carry, by its own steps (RFC 8291 section 3.4).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/push/p256.h"
#include "tests/dialogue/scene.h"

namespace halley::dialogue {

struct Pushed {
  std::string head;  // of the request
  std::string text;  // what the device makes of it
  std::string header(std::string_view name) const;
};

class PushService {
 public:
  static constexpr std::string_view kTaken = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";

  explicit PushService(Scene& scene);

  static std::string endpoint(int number = 1);
  std::string p256dh() const;
  std::string auth() const;
  std::string keys() const { return "p256dh=" + p256dh() + ";auth=" + auth(); }

  // The next push; fails the test when none comes. It is answered with this.
  Pushed next(std::string_view answer = kTaken);
  // Accepts the next one and leaves it without an answer.
  void hold();
  std::size_t held() const { return held_.size(); }
  // The texts of the pushes that have been dialled by now, and all that follow from their being taken.
  std::vector<std::string> texts();
  bool idle();                  // none is dialled
  std::size_t dialled() const;  // not yet taken
  // Of the newest that was taken.
  const net::DialTarget& last_target() const { return scene_.dialer.target(last_); }

 private:
  std::size_t take();  // the next dial for it; networks are dialled, too
  std::string open(std::string_view body) const;

  Scene& scene_;
  push::P256Key key_;
  std::size_t seen_, last_ = 0;
  std::vector<std::unique_ptr<fakes::FakePeer>> held_, answered_;
};

}  // namespace halley::dialogue
