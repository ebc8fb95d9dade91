// A client that reads nothing and writes down how often it is asked how much waits for it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "bouncer/core/client.h"

namespace halley::dialogue {

// Thread: the test's. It follows no log.
class CountingClient final : public Client {
 public:
  std::size_t bytes = 0;          // what waits for it
  mutable std::size_t asked = 0;  // how often somebody wanted to know

  void deliver(const Delivery&) override {}
  void caught_up() override {}
  bool wants_more() const override { return false; }
  std::size_t queued() const override {
    ++asked;
    return bytes;
  }
  void pass(const Network&, std::string_view) override {}
  void pass_own(std::string_view) override {}
  void network_changed(const Network&, bool) override {}
  void room() override {}
  void end(std::string_view) override {}
  DeviceId device() const override { return 1; }
  std::string description() const override { return "counting"; }
};

}  // namespace halley::dialogue
