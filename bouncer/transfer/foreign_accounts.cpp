#include "bouncer/transfer/foreign_accounts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "bouncer/accounts/password.h"
#include "bouncer/irc/casemapping.h"

namespace halley::transfer {
namespace {

constexpr std::size_t kMaxAccountName = 32;

Accounts::NetworkDraft draft_of(const ForeignNetwork& network) {
  Accounts::NetworkDraft draft;
  const auto set = [&draft](const char* name, const std::string& value) {
    if (!value.empty()) draft.settings.set(name, value);
  };
  set("url", network.urls);
  set("nick", network.nick);
  set("alt-nick", network.alt_nick);
  set("username", network.username);
  set("realname", network.realname);
  set("pass", network.pass);
  set("client-cert", network.client_cert);
  set("sasl", network.sasl);
  set("sasl-password", network.sasl_password);
  set("cert-pin", network.cert_pin);
  set("on-connect", fmt::format("{}", fmt::join(network.on_connect, "\n")));
  draft.enabled = network.enabled;
  return draft;
}

// One at a time: a channel that is refused keeps none of the others away.
void put_channels(Accounts& accounts, const std::string& user, const ForeignNetwork& network,
                  const std::string& name, ImportReport& report) {
  for (const storage::ChannelRow& channel : network.channels) {
    const auto* row = accounts.find_network(accounts.find_user(user)->id, name);
    const auto known = accounts.channels(row->id);
    if (std::ranges::any_of(known, [&](const auto* one) { return same_name(one->name, channel.name); }))
      continue;
    Accounts::NetworkDraft draft;
    draft.join.push_back(channel);
    if (const auto set = accounts.set_network(user, name, draft); !set) {
      report.remark(
          fmt::format("{}'s channel {} on {} was not taken: {}", user, channel.name, name, set.error()));
      continue;
    }
    ++report.channels;
  }
}

// Null: it could not be taken.
const storage::NetworkRow* put_network(Accounts& accounts, const std::string& user,
                                       const ForeignNetwork& network, const std::string& name,
                                       ImportReport& report) {
  const UserId owner = accounts.find_user(user)->id;
  if (accounts.find_network(owner, name) == nullptr) {
    const auto added = accounts.add_network(user, name, draft_of(network));
    if (!added) {
      report.remark(fmt::format("{}'s network {} was not taken: {}", user, network.name, added.error()));
      return nullptr;
    }
    ++report.networks;
    if (name != network.name)
      report.remark(fmt::format("{}'s network \"{}\" is called {} here", user, network.name, name));
  }
  put_channels(accounts, user, network, name, report);
  return accounts.find_network(owner, name);
}

// Empty: it could not be taken.
std::string put_user(Accounts& accounts, const ForeignUser& user, const std::string& name,
                     ImportReport& report) {
  if (accounts.find_user(name) != nullptr) {
    report.remark(
        name == user.name
            ? fmt::format("user {} is there already, and keeps password and settings", name)
            : fmt::format("user \"{}\" is {}, who is there already, and keeps password and settings",
                          user.name, name));
    return name;
  }
  std::string hash = user.password_hash;
  if (const std::string wrong = check_password_hash(hash); !hash.empty() && !wrong.empty()) {
    report.remark(fmt::format("{}'s password could not be taken ({})", name, wrong));
    hash.clear();
  }
  if (hash.empty()) report.remark(fmt::format("{} has no password yet: halley user passwd {}", name, name));
  const auto added = accounts.add_user(name, hash, user.admin);
  if (!added) {
    report.remark(fmt::format("user {} was not taken: {}", user.name, added.error()));
    return {};
  }
  if (!user.enabled) (void)accounts.set_enabled(name, false);  // it is there
  if (name != user.name) report.remark(fmt::format("user \"{}\" is called {} here", user.name, name));
  ++report.users;
  return name;
}

// Names that were given in this run: two of there are two here, however alike they become.
class GivenNames {
 public:
  // An empty key is nobody's, so that two of them are two.
  std::string name_for(std::string_view key, std::string_view wanted);

 private:
  std::map<std::string, std::string, std::less<>> given_;  // by the folded name: whose it is
};

std::string GivenNames::name_for(std::string_view key, std::string_view wanted) {
  const std::string name = fitting_name(wanted);
  std::string one = name;
  for (std::size_t number = 2;; ++number) {
    const auto [at, fresh] = given_.try_emplace(irc::fold(irc::CaseMapping::kAscii, one), key);
    if (fresh || (!key.empty() && at->second == key)) return one;
    const std::string end = fmt::format("-{}", number);
    one = name.substr(0, kMaxAccountName - end.size()) + end;
  }
}

}  // namespace

std::string fitting_name(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, kMaxAccountName)) out += is_of_account_name(c) ? c : '_';
  if (out.empty()) return "irc";
  if (!is_account_name(out)) out.front() = '_';
  return out;
}

Places put_accounts(Accounts& accounts, const std::vector<ForeignUser>& users, ImportReport& report) {
  Places places;
  GivenNames names;
  for (const ForeignUser& user : users) {
    const std::string name = put_user(accounts, user, names.name_for(user.key, user.name), report);
    if (name.empty()) continue;
    GivenNames networks;
    for (const ForeignNetwork& network : user.networks) {
      const std::string called = networks.name_for(network.key, network.name);
      const storage::NetworkRow* row = put_network(accounts, name, network, called, report);
      if (row != nullptr) places[{user.key, network.key}] = {row->user, row->id, row->nick};
    }
  }
  return places;
}

}  // namespace halley::transfer
