#include "bouncer/daemon/traces.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/network_settings.h"
#include "bouncer/cli/trace_lines.h"
#include "bouncer/core/line_tracer.h"
#include "bouncer/core/network.h"
#include "bouncer/core/spoken_secrets.h"
#include "bouncer/core/traced_line.h"
#include "bouncer/core/user.h"

namespace halley {

class Traces::OfUser final : public LineTracer {
 public:
  OfUser(User& user, const net::Clock& clock) : user_(user), clock_(clock) {}

  void add(NetworkId network, std::weak_ptr<cli::Follower> follower) {
    following_.push_back({network, std::move(follower)});
    user_.set_tracer(this);
  }
  // How many there are still.
  std::size_t count() {
    std::erase_if(following_, [](const One& one) { return one.follower.expired(); });
    return following_.size();
  }
  // False: the last who followed has gone, and nothing is asked of us any more.
  bool goes_on() {
    if (count() > 0) return true;
    user_.set_tracer(nullptr);
    return false;
  }
  void end(const std::string& why) {
    user_.set_tracer(nullptr);
    for (const One& one : std::exchange(following_, {})) {
      if (const auto follower = one.follower.lock()) follower->end(cli::CommandResult::refuse(why));
    }
  }
  void end(NetworkId network, const std::string& why) {
    for (const One& one : std::exchange(following_, {})) {
      if (one.network != network)
        following_.push_back(one);
      else if (const auto follower = one.follower.lock())
        follower->end(cli::CommandResult::refuse(why));
    }
  }

  // --- LineTracer ---
  void network_lines(const Network& network, Way way, std::string_view lines) override {
    if (!goes_on()) return;
    each(lines, [&](std::string_view line) {
      tell(network.id(), cli::TracedLine{.time_ms = clock_.wall_us() / 1000,
                                         .of_network = true,
                                         .received = way == Way::kReceived,
                                         .peer = network.name(),
                                         .line = line});
    });
  }
  void client_lines(const Client& client, Way way, std::string_view lines) override {
    if (!goes_on()) return;
    const std::string peer = client.description();
    each(lines, [&](std::string_view line) {
      tell(client.view().bound(), cli::TracedLine{.time_ms = clock_.wall_us() / 1000,
                                                  .of_network = false,
                                                  .received = way == Way::kReceived,
                                                  .peer = peer,
                                                  .line = line});
    });
  }
  void hide(const Network& network, std::string_view lines) override {
    std::vector<std::string>& hidden = hidden_[network.id()];
    hidden.clear();
    while (!lines.empty()) {
      const std::string_view line = lines.substr(0, lines.find('\n'));
      lines.remove_prefix(std::min(line.size() + 1, lines.size()));
      if (line.empty()) continue;
      hidden.emplace_back(line);
      remember(irc::line_secrets(line).hidden);
    }
  }

 private:
  struct One {
    NetworkId network;  // 0: all
    std::weak_ptr<cli::Follower> follower;
  };

  template <typename Each>
  static void each(std::string_view lines, Each&& with) {
    while (!lines.empty()) {
      const std::string_view line = lines.substr(0, lines.find("\r\n"));
      with(line);
      lines.remove_prefix(std::min(line.size() + 2, lines.size()));
    }
  }
  void remember(std::vector<std::string> words) {
    for (std::string& word : words) {
      if (!is_name(word)) secrets_.remember(std::move(word), clock_.monotonic_ms());
    }
  }
  // Beside a password stand names, which most lines are about.
  bool is_name(std::string_view word) const {
    if (same_name(word, user_.name())) return true;
    return std::ranges::any_of(user_.networks(), [word](const auto& network) {
      return same_name(word, network->nick()) || same_name(word, network->row().nick) ||
             same_name(word, network->row().sasl_account) || network->find_wanted(word) != nullptr;
    });
  }

  // Which words are secret is told by the line itself, by the settings, and by what was said before.
  std::string shown(const cli::TracedLine& traced) {
    const bool by_settings = std::ranges::any_of(hidden_, [&](const auto& of_network) {
      return std::ranges::any_of(
          of_network.second, [&](const std::string& hidden) { return says_the_same(traced.line, hidden); });
    });
    if (by_settings) return without_words(traced.line);
    irc::LineSecrets secrets = traced_line(traced.line, traced.of_network == traced.received);
    remember(std::move(secrets.hidden));
    return secrets_.without(secrets.shown, clock_.monotonic_ms()).value_or(secrets.shown);
  }
  void tell(NetworkId network, cli::TracedLine traced) {
    const std::string line = shown(traced);
    traced.line = line;
    const nlohmann::json piece = cli::to_json(traced);
    for (const One& one : following_) {
      const auto follower = one.network == 0 || one.network == network ? one.follower.lock() : nullptr;
      if (follower) follower->tell(piece);
    }
  }

  User& user_;
  const net::Clock& clock_;
  std::vector<One> following_;
  std::map<NetworkId, std::vector<std::string>> hidden_;  // bounded as the setting on-connect is
  SpokenSecrets secrets_;
};

Traces::Traces(const net::Clock& clock, const Sealer& sealer) : clock_(clock), sealer_(sealer) {}
Traces::~Traces() = default;

std::expected<void, std::string> Traces::add(User& user, NetworkId network,
                                             std::weak_ptr<cli::Follower> follower) {
  std::size_t all = 0;
  std::erase_if(users_, [](const auto& item) { return !item.second->goes_on(); });
  for (const auto& [id, of_user] : users_) all += of_user->count();
  if (all >= kMostTraces)
    return std::unexpected(fmt::format("{} traces go on already; end one of them first", all));
  auto& of_user = users_[user.id()];
  if (!of_user) of_user = std::make_unique<OfUser>(user, clock_);
  if (of_user->count() >= kMostTracesOfUser)
    return std::unexpected(
        fmt::format("{} is traced {} times already; end one of these first", user.name(), kMostTracesOfUser));
  for (const auto& each : user.networks()) {
    const std::string sealed = sealed_connect_lines(each->row());
    const auto lines = sealer_.unseal(seal_purpose::kOnConnect, sealed);
    if (!sealed.empty() && lines) of_user->hide(*each, *lines);  // what cannot be read cannot be said either
  }
  of_user->add(network, std::move(follower));
  return {};
}

void Traces::forget(UserId user) {
  const auto at = users_.find(user);
  if (at == users_.end()) return;
  at->second->end("the user has been removed");
  users_.erase(at);
}

void Traces::forget(UserId user, NetworkId network) {
  const auto at = users_.find(user);
  if (at == users_.end()) return;
  at->second->end(network, "the network has been removed");
  if (!at->second->goes_on()) users_.erase(at);
}

}  // namespace halley
