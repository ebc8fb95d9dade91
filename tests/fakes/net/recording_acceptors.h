// Acceptors that listen nowhere: they record what they are asked for.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "bouncer/net/acceptor.h"

namespace halley::fakes {

class RecordingAcceptors final : public net::Acceptors {
 public:
  std::vector<net::ListenAddress> asked;

  std::expected<std::unique_ptr<net::Acceptor>, std::string> listen(const net::ListenAddress& address,
                                                                    OnAccept) override {
    asked.push_back(address);
    return std::make_unique<Recorded>(address.port == 0 ? 4242 : address.port);
  }

 private:
  class Recorded final : public net::Acceptor {
   public:
    explicit Recorded(std::uint16_t port) : port_(port) {}
    std::uint16_t port() const override { return port_; }
    int give_up() override { return -1; }

   private:
    std::uint16_t port_;
  };
};

}  // namespace halley::fakes
