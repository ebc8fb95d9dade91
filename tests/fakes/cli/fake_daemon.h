// A daemon that says what it is told to, and records what it is asked to do.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/cli/daemon.h"
#include "bouncer/cli/follower.h"

namespace halley::fakes {

struct FakeDaemon final : cli::Daemon {
  cli::StatusReport status(UserId only) const override {
    cli::StatusReport report;
    report.uptime_s = 3700;
    report.memory_bytes = 12'300'000;
    report.store.events = 42;
    report.store.trouble = trouble;
    report.users.push_back(
        {.name = "kit",
         .networks = {{.name = "libera", .link = "connected", .nick = "kit", .trouble = "", .channels = 3}},
         .clients = {{"irc 127.0.0.1 weechat@laptop", true}}});
    if (only == 0)
      report.users.push_back(
          {.name = "ann",
           .enabled = false,
           .networks = {{.name = "oftc", .link = "waiting", .nick = "ann", .trouble = "connection refused"}},
           .clients = {}});
    cli::UserStatus bob{.name = "bob", .networks = {}, .clients = {}};
    for (int i = 0; i < away; ++i)
      bob.networks.push_back(
          {.name = "net" + std::to_string(i), .link = "waiting", .nick = "bob", .trouble = "no such name"});
    if (away > 0) report.users.push_back(bob);
    return report;
  }
  std::expected<std::string, std::string> reload() override { return "configuration read again"; }
  std::expected<std::string, std::string> unlock(std::string_view what) override {
    unlocked.emplace_back(what);
    return "lifted";
  }
  std::vector<cli::OutboxLine> outbox(UserId user) const override {
    if (user == 0) return {};
    return {{.id = 7,
             .network = "libera",
             .state = "waiting",
             .command = "PRIVMSG",
             .target = "#c",
             .text = "hello there",
             .time_ms = 1'700'000'000'000}};
  }
  std::expected<void, std::string> outbox_cancel(UserId, std::uint64_t id) override {
    if (id != 7) return std::unexpected("no line of that number waits");
    cancelled.push_back(id);
    return {};
  }
  std::expected<void, std::string> outbox_send(UserId, std::uint64_t id) override {
    return std::unexpected(std::to_string(id) + " goes out by itself");
  }
  bool detached(const storage::BufferRow& buffer) const override {
    return detached_buffers.contains(buffer.id);
  }
  std::expected<void, std::string> set_detached(const storage::BufferRow& buffer, bool detached) override {
    if (!buffer.name.starts_with('#')) return std::unexpected("you are not in " + buffer.name);
    if (detached)
      detached_buffers.insert(buffer.id);
    else
      detached_buffers.erase(buffer.id);
    return {};
  }
  std::vector<cli::HiddenPlace> hidden(UserId) const override { return hidden_places; }
  std::expected<void, std::string> set_hidden(const storage::DeviceRow& device, NetworkId,
                                              std::string_view target, bool hidden) override {
    if (hidden && target.contains(' ')) return std::unexpected("that is no nick or channel");
    const auto was = std::erase_if(hidden_places, [&](const cli::HiddenPlace& place) {
      return place.device == device.id && place.target == target;
    });
    if (hidden)
      hidden_places.push_back({.device = device.id, .network = "libera", .target = std::string(target)});
    else if (was == 0)
      return std::unexpected("it does not hide that");
    return {};
  }
  std::set<DeviceId> devices_online(UserId) const override { return online; }
  std::vector<cli::UploadedFile> uploads(UserId) const override { return uploaded; }
  bool remove_upload(UserId, std::string_view name) override {
    return std::erase_if(uploaded, [&](const auto& file) { return file.name == name; }) > 0;
  }
  std::vector<cli::PushLine> pushes(UserId user) const override {
    if (user == 0) return {};
    return {{.id = 4,
             .network = "libera",
             .by = "device phone",
             .origin = "https://push.example",
             .created_ms = 1'700'000'000'000,
             .trouble = "its service answered 503"},
            {.id = 5,
             .network = {},
             .by = "web login 2",
             .origin = "https://other.example",
             .created_ms = 1'700'000'000'000,
             .sent_ms = 1'700'000'060'000,
             .trouble = {}}};
  }
  std::expected<void, std::string> push_remove(UserId, std::uint64_t id) override {
    if (id == 4) return {};
    return std::unexpected("there is no subscription " + std::to_string(id) + "; see push list");
  }
  cli::SandboxStatus sandbox() const override { return sandboxed; }
  std::size_t notice(std::string_view text) override {
    noticed.emplace_back(text);
    return 2;
  }
  std::expected<void, std::string> trace(UserId, std::string_view network,
                                         std::weak_ptr<cli::Follower> follower) override {
    if (network == "busy") return std::unexpected("it is traced 4 times already");
    traces.push_back(std::move(follower));
    return {};
  }
  std::vector<std::weak_ptr<cli::Follower>> traces;
  int away = 0;  // networks that are not reached
  cli::SandboxStatus sandboxed{"no programs", true};
  std::string trouble;
  std::vector<std::string> unlocked, noticed;
  std::vector<std::uint64_t> cancelled;
  std::set<BufferId> detached_buffers;
  std::vector<cli::HiddenPlace> hidden_places;
  std::set<DeviceId> online;
  std::vector<cli::UploadedFile> uploaded{{"abc.png", 2048, 1'700'000'000'000}};
};

}  // namespace halley::fakes
