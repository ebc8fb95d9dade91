#include "bouncer/commands/channel_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "bouncer/commands/forwarding.h"
#include "bouncer/core/detached.h"
#include "bouncer/core/network.h"
#include "bouncer/irc/text.h"

namespace halley {

namespace {

using NamesAndKeys = std::vector<std::pair<std::string_view, std::string_view>>;

// In as few lines as fit; channels with a key first, as their keys pair up with them in order.
std::string send_joins(const ClientCommand& c, NamesAndKeys channels) {
  constexpr std::size_t kTargetBytes = 400;
  std::ranges::stable_partition(channels, [](const auto& channel) { return !channel.second.empty(); });
  std::string names, keys;
  bool taken = true;
  const auto send = [&] {
    if (names.empty()) return;
    const std::string line = fmt::format("JOIN {}{}{}", names, keys.empty() ? "" : " ", keys);
    taken = c.network.uplink().ask(c.from.answered(), line) && taken;
    names.clear();
    keys.clear();
  };
  for (const auto& [name, key] : channels) {
    if (names.size() + keys.size() + name.size() + key.size() > kTargetBytes) send();
    (names += names.empty() ? "" : ",") += name;
    if (!key.empty()) (keys += keys.empty() ? "" : ",") += key;
  }
  send();
  return taken ? std::string() : network_full(c.network);
}

// Empty: it may be joined, where so many are wanted already.
std::string check_channel(const ClientCommand& c, std::string_view name, std::size_t wanted) {
  const irc::Isupport& isupport = c.network.state().isupport();
  if (!isupport.is_channel(name) || !irc::is_valid_channel(name, isupport.chantypes())) {
    return fmt::format("'{}' is no channel name here: one begins with one of {}", name, isupport.chantypes());
  }
  if (wanted >= c.network.channel_limit() && !c.network.find_wanted(name)) {
    return fmt::format("{} channels on one network is the limit: part one first", c.network.channel_limit());
  }
  return {};
}

std::string leave_all(const ClientCommand& c) {
  if (c.network.link() == Link::kConnected) return forward(c);
  std::vector<std::string> names;
  for (const auto* row : c.network.wanted_channels()) names.push_back(row->name);
  for (const std::string& name : names) {
    c.network.uplink().give_up_channel(name);
    (void)attach_channel(c.network, name);
  }
  return {};
}

// False: it was hidden neither from all nor from the device of who asks.
bool show_again(const ClientCommand& c, std::string_view name) {
  const bool detached = attach_channel(c.network, name);
  return show_on_device(c.network, c.from.device(), name) || detached;
}

}  // namespace

// On this device, too, if it alone hides it; a query as well.
std::string show_buffers(const ClientCommand& c) {
  std::string errors;
  for (const std::string_view name : split_commas(c.message.param(0))) {
    if (!show_again(c, name) && errors.empty())
      errors = fmt::format("{} is not detached, nor hidden on this device", name);
  }
  return errors;
}

std::string detach_channels(const ClientCommand& c) {
  std::string errors;
  for (const std::string_view name : split_commas(c.message.param(0))) {
    const bool in = c.network.state().find_channel(name) || c.network.find_wanted(name);
    std::string error = in ? detach_channel(c.network, name) : fmt::format("you are not in {}", name);
    if (errors.empty()) errors = std::move(error);
  }
  return errors;
}

std::string hide_buffers(const ClientCommand& c) {
  const DeviceId device = c.from.device();
  if (device == 0) return "only on a device that speaks IRC something is hidden: a browser shows all";
  std::string errors;
  for (const std::string_view name : split_commas(c.message.param(0))) {
    std::string error = irc::is_valid_target(name)
                            ? hide_on_device(c.network, device, name)
                            : fmt::format("'{}' is no nick or channel", irc::clip_utf8(name, 80));
    if (errors.empty()) errors = std::move(error);
  }
  return errors;
}

void show_query(const ClientCommand& c, std::string_view target) {
  if (!c.network.state().isupport().is_channel(target))
    (void)show_on_device(c.network, c.from.device(), target);
}

// Each channel by itself: one that cannot be joined keeps no other from it.
std::string join_channels(const ClientCommand& c) {
  const std::vector<std::string_view> names = split_commas(c.message.param(0));
  const std::vector<std::string_view> keys = split_commas(c.message.param(1));
  if (names.size() == 1 && names[0] == "0") return leave_all(c);
  NamesAndKeys good;
  std::string errors;
  const std::size_t wanted = c.network.wanted_channels().size();  // a list, made for all names once
  for (std::size_t i = 0; i < names.size(); ++i) {
    // One that is hidden is shown again; the network need not be asked when we are in it.
    if (show_again(c, names[i]) && c.network.state().find_channel(names[i])) continue;
    const std::string error = check_channel(c, names[i], wanted + good.size());
    if (error.empty()) {
      good.emplace_back(names[i], i < keys.size() ? keys[i] : std::string_view{});
    } else if (errors.empty()) {
      errors = error;
    }
  }
  for (const auto& [name, key] : good) c.network.uplink().ask_channel(name, key);
  if (good.empty()) return errors;
  if (c.network.link() != Link::kConnected) {
    return fmt::format("not connected to {} now: {} will be joined as soon as it is{}{}", c.network.name(),
                       c.message.param(0), errors.empty() ? "" : "; but ", errors);
  }
  const std::string refused = send_joins(c, std::move(good));
  return refused.empty() ? errors : refused;
}

std::string part_channels(const ClientCommand& c) {
  if (irc::same_command(c.message.param(1), "detach")) return detach_channels(c);
  if (irc::same_command(c.message.param(1), "hide")) return hide_buffers(c);
  for (const std::string_view name : split_commas(c.message.param(0)))
    c.network.uplink().give_up_channel(name);
  if (c.network.link() != Link::kConnected) {
    for (const std::string_view name : split_commas(c.message.param(0)))
      (void)attach_channel(c.network, name);
    return {};
  }
  return forward(c);
}

}  // namespace halley
