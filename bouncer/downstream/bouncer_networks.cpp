// BOUNCER: a client lists, adds, changes and removes the user's networks, and binds a connection to one
// before it logs in. Source: https://soju.im/bouncer-networks
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/network_settings.h"
#include "bouncer/accounts/network_url.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/account_changes.h"
#include "bouncer/downstream/batch.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/downstream/handlers.h"
#include "bouncer/irc/message.h"

namespace halley {

namespace {

using irc::Message;

// 0: that is no id.
NetworkId parse_netid(std::string_view text) {
  NetworkId id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc{} && end == text.data() + text.size() ? id : 0;
}

std::string network_line(const Network& network, const Attributes& attributes) {
  return irc::format_line(network.user().hostname(), "BOUNCER",
                          {"NETWORK", std::to_string(network.id()), format_attributes(attributes)});
}

// Whose networks the client may change: by SASL perhaps, and not yet welcomed. Null: it was told to log in.
User* require_user(Downstream& client, std::string_view subcommand) {
  if (User* user = client.user()) return user;
  if (User* user = client.granted_user()) return user;
  client.fail("BOUNCER", "ACCOUNT_REQUIRED", {subcommand}, "Log in first");
  return nullptr;
}

void on_bind(Downstream& client, const Message& m) {
  Downstream::Handshake& reg = client.handshake();
  if (client.registered()) {
    client.fail("BOUNCER", "REGISTRATION_IS_COMPLETED", {"BIND"}, "A connection is bound before it logs in");
    return;
  }
  const User* user = client.granted_user();
  if (!user) {
    client.fail("BOUNCER", "ACCOUNT_REQUIRED", {"BIND"}, "Log in by SASL first");
    return;
  }
  const NetworkId id = parse_netid(m.param(1));
  if (!user->network(id)) {
    client.fail("BOUNCER", "INVALID_NETID", {"BIND", m.param(1)}, "There is no such network");
    return;
  }
  reg.bound_network = id;
}

void on_list(Downstream& client, const Message&) {
  if (const User* user = require_user(client, "LISTNETWORKS")) client.list_networks(*user);
}

// --- Changes ---

// One ADDNETWORK or CHANGENETWORK: what was asked, and what the settings' table is to take of it.
struct NetworkRequest {
  std::string_view subcommand;
  std::string netid;  // "*": of a network that is to be added
  std::string name = {};
  std::optional<std::string> host = {}, port = {}, tls = {};
  std::vector<std::pair<std::string, std::string>> settings = {};  // attribute and value
};

void refuse(Downstream& client, const NetworkRequest& request, std::string_view code,
            std::string_view attribute, std::string_view why) {
  client.fail("BOUNCER", code, {request.subcommand, request.netid, attribute}, why);
}

// The setting behind an attribute; empty: there is none.
std::string_view setting_of(std::string_view attribute) {
  for (const NetworkSetting& setting : network_settings()) {
    if (setting.attribute == attribute) return setting.name;
  }
  return {};
}

// False: refused, and told.
bool read_attributes(Downstream& client, NetworkRequest& request, std::string_view list) {
  bool good = true;
  irc::for_each_tag(list, [&](std::string_view key, std::string_view raw) {
    if (!good) return;
    std::string value = irc::unescape_tag_value(raw);
    if (key == "state" || key == "error") {
      refuse(client, request, "READ_ONLY_ATTRIBUTE", key, "That is for Halley to say");
      good = false;
    } else if (key == "name") {
      request.name = std::move(value);
    } else if (key == "host") {
      request.host = std::move(value);
    } else if (key == "port") {
      request.port = std::move(value);
    } else if (key == "tls") {
      request.tls = std::move(value);
    } else if (!setting_of(key).empty()) {
      request.settings.emplace_back(key, std::move(value));
    } else {
      refuse(client, request, "UNKNOWN_ATTRIBUTE", key, "There is no such attribute");
      good = false;
    }
  });
  return good;
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port != 0;
}

// The address that the attributes make, of what they do not say as it was in `old` (empty: a new network).
// Empty: refused, and told.
std::string make_urls(Downstream& client, const NetworkRequest& request, std::string_view old) {
  const auto urls = split_urls(old);
  const NetworkUrl before = urls.empty() ? NetworkUrl{.host = {}, .port = 0, .tls = true}
                                         : parse_network_url(urls.front()).value_or(NetworkUrl{});
  if (request.tls && *request.tls != "0" && *request.tls != "1") {
    refuse(client, request, "INVALID_ATTRIBUTE", "tls", "tls is 1 or 0");
    return {};
  }
  if (request.port && !request.port->empty() && !is_port(*request.port)) {
    refuse(client, request, "INVALID_ATTRIBUTE", "port", "port is a number from 1 to 65535");
    return {};
  }
  const std::string host = request.host.value_or(before.host);
  const bool tls = request.tls ? *request.tls == "1" : before.tls;
  const std::string in_url = host.find(':') == std::string::npos ? host : "[" + host + "]";
  std::string url = fmt::format("{}://{}", tls ? "ircs" : "irc", in_url);
  if (request.port) {
    if (!request.port->empty()) url += ":" + *request.port;
  } else if (before.port != 0 && tls == before.tls) {
    url += fmt::format(":{}", before.port);
  }
  const bool one = host.find_first_of(",/ ") == std::string::npos;
  const auto parsed = parse_network_url(url);
  if (host.empty() || !one || !parsed) {
    refuse(client, request, "INVALID_ATTRIBUTE", "host", parsed ? "That is no host" : parsed.error());
    return {};
  }
  url = fmt::format("{}://{}:{}", tls ? "ircs" : "irc", in_url, parsed->port);  // its usual one, said
  for (std::size_t i = 1; i < urls.size(); ++i) (url += ',') += urls[i];
  return url;
}

Accounts::NetworkDraft draft_of(const NetworkRequest& request, const std::string& urls) {
  Accounts::NetworkDraft draft;
  if (!urls.empty()) draft.settings.set("url", urls);
  for (const auto& [attribute, value] : request.settings)
    draft.settings.set(std::string(setting_of(attribute)), value);
  return draft;
}

// Which of the attributes the table refused: the first that it does not take alone either; none, when the
// change is refused without any of them. `try_draft` says what a change makes of a draft; nothing is changed.
template <typename Try>
void tell_refusal(Downstream& client, const NetworkRequest& request, const std::string& why,
                  Try&& try_draft) {
  const auto takes = [&](std::vector<std::pair<std::string, std::string>> settings) {
    NetworkRequest some = request;
    some.settings = std::move(settings);
    const bool good = try_draft(some);
    client.accounts().rollback();
    return good;
  };
  if (takes({})) {
    for (const auto& attribute : request.settings) {
      if (!takes({attribute})) return refuse(client, request, "INVALID_ATTRIBUTE", attribute.first, why);
    }
  }
  client.fail("BOUNCER", "UNKNOWN_ERROR", {request.subcommand, request.netid}, why);
}

// The answer, once the change is on disk; before it, whoever watches networks has heard of it.
void commit(Downstream& client, std::string_view subcommand, const std::string& netid) {
  commit_change(client, fmt::format("BOUNCER {} {}", subcommand, netid),
                [&client, subcommand = std::string(subcommand), netid](const storage::Status& status) {
                  if (status)
                    client.send(irc::format_line(client.server_name(), "BOUNCER", {subcommand, netid}));
                  else
                    client.fail("BOUNCER", "UNKNOWN_ERROR", {subcommand, netid}, status.error());
                });
}

bool takes_changes(Downstream& client, std::string_view subcommand, std::string_view netid) {
  if (may_change(client)) return true;
  client.fail("BOUNCER", "UNKNOWN_ERROR", {subcommand, netid}, kTakesNoChanges);
  return false;
}

void on_add(Downstream& client, const Message& m) {
  if (!takes_changes(client, "ADDNETWORK", "*")) return;
  const User* user = require_user(client, "ADDNETWORK");
  if (!user) return;
  NetworkRequest request{.subcommand = "ADDNETWORK", .netid = "*"};
  if (!read_attributes(client, request, m.param(1))) return;
  if (!request.host || request.host->empty()) {
    client.fail("BOUNCER", "NEED_ATTRIBUTE", {"ADDNETWORK", "host"}, "Say at least host=irc.example.org");
    return;
  }
  if (request.name.empty()) request.name = account_name_like(*request.host);
  if (!is_account_name(request.name) || user->find_network(request.name)) {
    refuse(client, request, "INVALID_ATTRIBUTE", "name",
           "A name has 1 to 32 of A-Z a-z 0-9 _ . -, not - first, is not . or .., and not that of another "
           "network");
    return;
  }
  const std::string urls = make_urls(client, request, {});
  if (urls.empty()) return;
  const auto try_draft = [&](const NetworkRequest& draft) {
    return client.accounts().add_network(user->name(), draft.name, draft_of(draft, urls));
  };
  const auto added = try_draft(request);
  if (!added) {
    client.accounts().rollback();
    tell_refusal(client, request, added.error(),
                 [&](const NetworkRequest& one) { return try_draft(one).has_value(); });
    return;
  }
  commit(client, "ADDNETWORK", std::to_string((*added)->id));
}

// The network that the second parameter names; null: there is none, and the client was told.
const Network* require_network(Downstream& client, const User& user, const Message& m,
                               std::string_view subcommand) {
  const Network* network = user.network(parse_netid(m.param(1)));
  if (!network) client.fail("BOUNCER", "INVALID_NETID", {subcommand, m.param(1)}, "There is no such network");
  return network;
}

void on_change(Downstream& client, const Message& m) {
  const User* user = require_user(client, "CHANGENETWORK");
  const Network* network = user ? require_network(client, *user, m, "CHANGENETWORK") : nullptr;
  if (!network) return;
  NetworkRequest request{
      .subcommand = "CHANGENETWORK", .netid = std::to_string(network->id()), .name = network->name()};
  if (!takes_changes(client, "CHANGENETWORK", request.netid)) return;
  if (!read_attributes(client, request, m.param(2))) return;
  const Network* other = user->find_network(request.name);
  // A name that it has had for long may be one that is not given any more.
  const bool fits = request.name == network->name() || is_account_name(request.name);
  if (!fits || (other && other != network)) {
    refuse(client, request, "INVALID_ATTRIBUTE", "name",
           "A name has 1 to 32 of A-Z a-z 0-9 _ . -, not - first, is not . or .., and not that of another "
           "network");
    return;
  }
  std::string urls;
  if (request.host || request.port || request.tls) {
    urls = make_urls(client, request, network->row().urls);
    if (urls.empty()) return;
  }
  const std::string old_name = network->name();
  const auto try_draft = [&](const NetworkRequest& draft) {
    return client.accounts().set_network(user->name(), old_name, draft_of(draft, urls));
  };
  const auto changed = try_draft(request);
  if (!changed) {
    client.accounts().rollback();
    tell_refusal(client, request, changed.error(),
                 [&](const NetworkRequest& one) { return try_draft(one).has_value(); });
    return;
  }
  if (request.name != old_name) {
    if (const auto renamed = client.accounts().rename_network(user->name(), old_name, request.name);
        !renamed) {
      client.accounts().rollback();
      refuse(client, request, "INVALID_ATTRIBUTE", "name", renamed.error());
      return;
    }
  }
  commit(client, "CHANGENETWORK", request.netid);
}

void on_delete(Downstream& client, const Message& m) {
  const User* user = require_user(client, "DELNETWORK");
  const Network* network = user ? require_network(client, *user, m, "DELNETWORK") : nullptr;
  if (!network) return;
  const std::string netid = std::to_string(network->id());
  if (!takes_changes(client, "DELNETWORK", netid)) return;
  if (const auto removed = client.accounts().remove_network(user->name(), network->name()); !removed) {
    client.accounts().rollback();
    client.fail("BOUNCER", "UNKNOWN_ERROR", {"DELNETWORK", netid}, removed.error());
    return;
  }
  commit(client, "DELNETWORK", netid);
}

struct NetworkSubcommand {
  std::string_view name;
  std::size_t params;  // its own included
  std::string_view usage;
  void (*run)(Downstream& client, const Message& m);
};
constexpr NetworkSubcommand kNetworkSubcommands[] = {
    {.name = "BIND", .params = 2, .usage = "BOUNCER BIND netid", .run = on_bind},
    {.name = "LISTNETWORKS", .params = 1, .usage = "BOUNCER LISTNETWORKS", .run = on_list},
    {.name = "ADDNETWORK", .params = 2, .usage = "BOUNCER ADDNETWORK name=...;host=...", .run = on_add},
    {.name = "CHANGENETWORK",
     .params = 3,
     .usage = "BOUNCER CHANGENETWORK netid attribute=value;...",
     .run = on_change},
    {.name = "DELNETWORK", .params = 2, .usage = "BOUNCER DELNETWORK netid", .run = on_delete},
};

}  // namespace

void handle_bouncer(Downstream& client, const irc::Message& m) {
  const auto* sub = std::ranges::find_if(
      kNetworkSubcommands, [&](const NetworkSubcommand& s) { return irc::same_command(s.name, m.param(0)); });
  if (sub == std::end(kNetworkSubcommands)) {
    client.fail("BOUNCER", "UNKNOWN_COMMAND", {m.param(0)},
                "Say BIND, LISTNETWORKS, ADDNETWORK, CHANGENETWORK or DELNETWORK");
  } else if (m.param_count < sub->params) {
    client.fail("BOUNCER", "NEED_MORE_PARAMS", {sub->name}, fmt::format("Say {}", sub->usage));
  } else {
    sub->run(client, m);
  }
}

void Downstream::list_networks(const User& of) {
  in_batch(*this, {.type = "soju.im/bouncer-networks"}, [&](const std::string& reference) {
    const std::string tag = reference.empty() ? std::string() : "@batch=" + reference + " ";
    for (const auto& network : of.networks()) {
      (void)state_.networks_told.changes(*network);
      send(tag + network_line(*network, attributes_of(*network)));
    }
  });
}

void Downstream::tell_network(const Network& network, bool removed) {
  if (removed) {
    state_.networks_told.forget(network.id());
    pass_own(irc::format_line(server_name(), "BOUNCER", {"NETWORK", std::to_string(network.id()), "*"}));
    return;
  }
  const Attributes changed = state_.networks_told.changes(network);
  if (!changed.empty()) pass_own(network_line(network, changed));
}

}  // namespace halley
