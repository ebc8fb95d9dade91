// BOUNCER: a client learns of the user's networks and binds a connection to one before it logs in.
// Source: https://soju.im/bouncer-networks
#include <fmt/format.h>

#include <charconv>

#include "bouncer/accounts/network_settings.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/downstream/handlers.h"
#include "bouncer/irc/message.h"

namespace halley {

namespace {

// 0: that is no id.
NetworkId parse_netid(std::string_view text) {
  NetworkId id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc{} && end == text.data() + text.size() ? id : 0;
}

std::string attributes(const Network& network) {
  const Link link = network.link();
  std::string list = "name=";
  irc::append_escaped_tag_value(list, network.name());
  list += fmt::format(";state={}", link == Link::kConnected  ? "connected"
                                   : link == Link::kDisabled ? "disconnected"
                                                             : "connecting");
  list += ";nickname=";
  irc::append_escaped_tag_value(list, network.nick());
  for (const NetworkSetting& setting : network_settings()) {
    if (setting.attribute.empty()) continue;
    list += fmt::format(";{}=", setting.attribute);
    irc::append_escaped_tag_value(list, setting.store.show(setting, network.row(), nullptr));
  }
  if (!network.trouble().empty()) {
    list += ";error=";
    irc::append_escaped_tag_value(list, network.trouble());
  }
  return list;
}

void bind(Downstream& client, std::string_view id_text) {
  Downstream::Handshake& reg = client.handshake();
  if (client.registered()) {
    client.fail("BOUNCER", "REGISTRATION_IS_COMPLETED", {"BIND"}, "A connection is bound before it logs in");
    return;
  }
  if (!reg.granted) {
    client.fail("BOUNCER", "ACCOUNT_REQUIRED", {"BIND"}, "Log in by SASL first");
    return;
  }
  const NetworkId id = parse_netid(id_text);
  if (!reg.grant.user->network(id)) {
    client.fail("BOUNCER", "INVALID_NETID", {"BIND", id_text}, "There is no such network");
    return;
  }
  reg.bound_network = id;
}

void list_networks(Downstream& client) {
  const User* user = client.user();
  if (!user && client.handshake().granted) user = client.handshake().grant.user;  // by SASL, not yet welcomed
  if (!user) {
    client.fail("BOUNCER", "ACCOUNT_REQUIRED", {"LISTNETWORKS"}, "Log in first");
    return;
  }
  std::string reference, tag;
  if (client.caps().has(irc::Cap::kBatch)) {
    reference = client.next_batch_reference();
    tag = "@batch=" + reference + " ";
    client.send(
        irc::format_line(client.server_name(), "BATCH", {"+" + reference, "soju.im/bouncer-networks"}));
  }
  for (const auto& network : user->networks()) {
    client.send(tag + irc::format_line(client.server_name(), "BOUNCER",
                                       {"NETWORK", std::to_string(network->id()), attributes(*network)}));
  }
  if (!reference.empty()) client.send(irc::format_line(client.server_name(), "BATCH", {"-" + reference}));
}

}  // namespace

void handle_bouncer(Downstream& client, const irc::Message& m) {
  if (irc::same_command(m.param(0), "BIND")) {
    if (m.param_count < 2) {
      client.fail("BOUNCER", "NEED_MORE_PARAMS", {"BIND"}, "Say BOUNCER BIND netid");
      return;
    }
    bind(client, m.param(1));
  } else if (irc::same_command(m.param(0), "LISTNETWORKS")) {
    list_networks(client);
  } else {
    client.fail("BOUNCER", "UNKNOWN_COMMAND", {m.param(0)},
                "Networks are changed with `halley network`, or /msg *halley help");
  }
}

}  // namespace halley
