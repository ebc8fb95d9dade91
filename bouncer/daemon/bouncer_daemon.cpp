#include "bouncer/daemon/bouncer_daemon.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>

#include "bouncer/core/detached.h"
#include "bouncer/core/network.h"
#include "bouncer/irc/text.h"

namespace halley {
namespace {

cli::NetworkStatus network_status(const Network& network) {
  cli::NetworkStatus out;
  out.name = network.name();
  out.link = link_name(network.link());
  out.trouble = network.trouble();
  const bool connected = network.link() == Link::kConnected;
  out.nick = connected ? network.state().nick : network.row().nick;
  out.channels = connected ? network.state().channels().size() : 0;
  return out;
}

cli::UserStatus user_status(const User& user) {
  cli::UserStatus out;
  out.name = user.name();
  out.enabled = user.row().enabled;
  if (user.resting()) out.resting = user.rest_reason();
  for (const auto& network : user.networks()) out.networks.push_back(network_status(*network));
  // One that is shown no network itself misses nothing.
  for (const Client* client : user.clients())
    out.clients.push_back({client->description(), client->live() || client->view().empty()});
  return out;
}

}  // namespace

std::uint64_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  in >> all >> resident;
  return in ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

BouncerDaemon::BouncerDaemon(const net::Clock& clock, const storage::Store& store, const Accounts& accounts,
                             cli::SandboxStatus sandbox, Reload reload)
    : clock_(clock),
      store_(store),
      accounts_(accounts),
      sandbox_(std::move(sandbox)),
      reload_(std::move(reload)),
      started_ms_(clock.monotonic_ms()) {}

std::expected<std::string, std::string> BouncerDaemon::unlock(std::string_view what) {
  if (bouncer_ == nullptr) return std::unexpected("the bouncer is not yet there");
  return bouncer_->login().unlock(what);
}

std::vector<cli::OutboxLine> BouncerDaemon::outbox(UserId user) const {
  std::vector<cli::OutboxLine> lines;
  const User* who = bouncer_ != nullptr ? bouncer_->user(user) : nullptr;
  if (who == nullptr) return lines;
  for (const auto& network : who->networks()) {
    for (const Outbox::Shown& line : network->outbox().list()) {
      lines.push_back({.id = line.id,
                       .network = network->name(),
                       .state = std::string(line.state),
                       .command = line.notice ? "NOTICE" : "PRIVMSG",
                       .target = line.target,
                       .text = line.text,
                       .time_ms = line.time_ms});
    }
  }
  return lines;
}

Outbox* BouncerDaemon::outbox_with(UserId user, std::uint64_t id) const {
  const User* who = bouncer_ != nullptr ? bouncer_->user(user) : nullptr;
  return who != nullptr ? who->outbox_with(id) : nullptr;
}

std::expected<void, std::string> BouncerDaemon::outbox_cancel(UserId user, std::uint64_t id) {
  Outbox* outbox = outbox_with(user, id);
  if (outbox == nullptr) return std::unexpected(fmt::format("no line {} waits; see outbox list", id));
  return outbox->cancel(id);
}

std::expected<void, std::string> BouncerDaemon::outbox_send(UserId user, std::uint64_t id) {
  Outbox* outbox = outbox_with(user, id);
  if (outbox == nullptr) return std::unexpected(fmt::format("no line {} waits; see outbox list", id));
  return outbox->send_again(id);
}

Network* BouncerDaemon::network_of(const storage::BufferRow& buffer) const {
  const User* who = bouncer_ != nullptr ? bouncer_->user(buffer.user) : nullptr;
  return who != nullptr ? who->network(buffer.network) : nullptr;
}

bool BouncerDaemon::detached(const storage::BufferRow& buffer) const {
  const Network* network = network_of(buffer);
  return network != nullptr && network->user().detached().has(buffer.network, buffer.id);
}

std::expected<void, std::string> BouncerDaemon::set_detached(const storage::BufferRow& buffer,
                                                             bool detached) {
  Network* network = network_of(buffer);
  const std::string* name = network != nullptr ? network->buffers().name(buffer.id) : nullptr;
  if (name == nullptr) return std::unexpected("its network is gone");
  const std::string channel = *name;
  if (!network->user().has_room(2 * storage::kMaxRecord))
    return std::unexpected("the disk is behind; try again in a moment");
  if (!detached) {
    (void)attach_channel(*network, channel);
    return {};
  }
  if (channel.empty()) return std::unexpected("only a channel can be detached");
  if (!network->state().find_channel(channel) && network->find_wanted(channel) == nullptr)
    return std::unexpected(fmt::format("you are not in {}: only such a channel can be detached", channel));
  if (std::string why = detach_channel(*network, channel); !why.empty())
    return std::unexpected(std::move(why));
  return {};
}

std::vector<cli::HiddenPlace> BouncerDaemon::hidden(UserId user) const {
  std::vector<cli::HiddenPlace> out;
  const User* who = bouncer_ != nullptr ? bouncer_->user(user) : nullptr;
  if (who == nullptr) return out;
  for (const Detached::Place& place : who->detached().of_devices()) {
    const Network* network = who->network(place.network);
    const std::string* name = network != nullptr ? network->buffers().name(place.buffer) : nullptr;
    if (name != nullptr) out.push_back({.device = place.device, .network = network->name(), .target = *name});
  }
  return out;
}

std::expected<void, std::string> BouncerDaemon::set_hidden(const storage::DeviceRow& device,
                                                           NetworkId network_id, std::string_view target,
                                                           bool hidden) {
  User* who = bouncer_ != nullptr ? bouncer_->user(device.user) : nullptr;
  Network* network = who != nullptr ? who->network(network_id) : nullptr;
  if (network == nullptr) return std::unexpected("the bouncer is not yet there");
  if (!who->has_room(2 * storage::kMaxRecord))
    return std::unexpected("the disk is behind; try again in a moment");
  if (!hidden) {
    if (show_on_device(*network, device.id, target)) return {};
    return std::unexpected(fmt::format("device {} does not hide {} on {}; see device list", device.name,
                                       target, network->name()));
  }
  if (!irc::is_valid_target(target))
    return std::unexpected(fmt::format("'{}' is no nick or channel", irc::clip_utf8(target, 80)));
  if (std::string why = hide_on_device(*network, device.id, target); !why.empty())
    return std::unexpected(std::move(why));
  return {};
}

std::set<DeviceId> BouncerDaemon::devices_online(UserId user) const {
  std::set<DeviceId> devices;
  const User* who = bouncer_ != nullptr ? bouncer_->user(user) : nullptr;
  if (who == nullptr) return devices;
  for (const Client* client : who->clients()) devices.insert(client->device());
  return devices;
}

std::vector<cli::UploadedFile> BouncerDaemon::uploads(UserId user) const {
  std::vector<cli::UploadedFile> out;
  if (uploads_ == nullptr) return out;
  for (const auto& file : uploads_->list(user)) out.push_back({file.name, file.bytes, file.time_ms});
  return out;
}

bool BouncerDaemon::remove_upload(UserId user, std::string_view name) {
  return uploads_ != nullptr && uploads_->remove(user, name);
}

std::vector<cli::PushLine> BouncerDaemon::pushes(UserId user) const {
  std::vector<cli::PushLine> lines;
  const User* who = bouncer_ != nullptr ? bouncer_->user(user) : nullptr;
  if (who == nullptr) return lines;
  for (const push::Pusher::Shown& one : bouncer_->pusher().list(user)) {
    std::string by = fmt::format("web login {}", one.session);
    for (const storage::DeviceRow* device : accounts_.devices(user)) {
      if (device->id != one.device) continue;
      by = device->name.empty() ? "device without a name" : "device " + device->name;
    }
    const Network* network = who->network(one.network);
    lines.push_back({.id = one.id,
                     .network = network != nullptr ? network->name() : std::string(),
                     .by = by,
                     .origin = one.origin,
                     .created_ms = one.created_ms,
                     .sent_ms = one.sent_ms,
                     .trouble = one.trouble});
  }
  return lines;
}

std::expected<void, std::string> BouncerDaemon::push_remove(UserId user, std::uint64_t id) {
  if (bouncer_ != nullptr && !bouncer_->pusher().catch_up())
    return std::unexpected("the disk is behind; try again later");
  if (bouncer_ == nullptr || !bouncer_->pusher().unsubscribe(user, id))
    return std::unexpected(fmt::format("there is no subscription {}; see push list", id));
  return {};
}

std::size_t BouncerDaemon::notice(std::string_view text) {
  return bouncer_ == nullptr ? 0 : bouncer_->tell_everybody(text);
}

std::expected<void, std::string> BouncerDaemon::trace(UserId user, std::string_view network,
                                                      std::weak_ptr<cli::Follower> follower) {
  User* who = bouncer_ != nullptr ? bouncer_->user(user) : nullptr;
  if (who == nullptr) return std::unexpected("the bouncer is not yet there");
  const Network* only = network.empty() ? nullptr : who->find_network(network);
  if (!network.empty() && only == nullptr)
    return std::unexpected(fmt::format("{} has no network called {}", who->name(), network));
  return bouncer_->traces().add(*who, only != nullptr ? only->id() : 0, std::move(follower));
}

cli::StatusReport BouncerDaemon::status(UserId only) const {
  cli::StatusReport out;
  out.uptime_s = (clock_.monotonic_ms() - started_ms_) / 1000;
  out.memory_bytes = resident_bytes();
  out.store = store_.figures();
  if (bouncer_ == nullptr) return out;
  out.text_logs_trouble = bouncer_->text_logs().trouble();
  for (const User* user : bouncer_->users()) {
    if (only != 0 && user->id() != only) continue;
    out.users.push_back(user_status(*user));
    out.users.back().pushes = bouncer_->pusher().count(user->id());
  }
  return out;
}

}  // namespace halley
