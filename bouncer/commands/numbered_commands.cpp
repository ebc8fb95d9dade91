#include "bouncer/commands/numbered_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "bouncer/commands/client_commands.h"
#include "bouncer/core/network.h"
#include "bouncer/core/uplink.h"
#include "bouncer/core/user.h"

namespace halley {

namespace {
constexpr std::size_t kMostClients = 64;
constexpr std::size_t kMaxResult = 4096;  // what is refused is said in a sentence
}  // namespace

NumberedCommands::NumberedCommands(DurableState& states) : StateOwner(states) {
  states_.take(StateKind::kNumberedCommand, [this](const storage::StateRow& row) { load(row); });
}

// "SEQ RESULT"
void NumberedCommands::load(const storage::StateRow& row) {
  std::uint64_t seq = 0;
  const char* const end = row.value.data() + row.value.size();
  const char* at = std::from_chars(row.value.data(), end, seq).ptr;
  if (at != end) ++at;
  std::vector<Last>& known = users_[row.user];
  if (known.size() == kMostClients) known.erase(known.begin());
  known.push_back({row.key, seq, std::string(at, end)});
}

NumberedCommands::Outcome NumberedCommands::run(User& user, const Asker& from,
                                                const NumberedCommand& command) {
  using Did = Outcome::Kind;
  const auto& [client, seq, network, line] = command;
  const std::vector<Last>& all = users_[user.id()];
  const auto known = std::ranges::find(all, client, &Last::client);
  const std::uint64_t last = known == all.end() ? 0 : known->seq;
  if (seq == last && seq != 0) return {Did::kDone, seq, known->result};
  if (seq != last + 1) return {Did::kHole, last + 1, {}};
  if (!user.has_room(kRoomPerCommand)) return {Did::kNoRoom, seq, {}};
  Network* const target = user.find_network(network);
  if (target && !target->uplink().has_room()) return {Did::kNoRoom, seq, {}};
  std::string result = target ? run_client_command(from, *target, line, {client, seq})
                              : fmt::format("no network is called '{}'", network);
  result.resize(std::min(result.size(), kMaxResult));
  // The command may have been the user's last one.
  if (users_.contains(user.id())) keep(user.id(), {std::string(client), seq, result});
  return {Did::kDone, seq, std::move(result)};
}

void NumberedCommands::keep(storage::UserId user, Last last) {
  const auto put = [&](std::string_view client, std::string_view value) {
    states_.put(StateKind::kNumberedCommand,
                {.user = user, .network = 0, .device = 0, .kind = 0, .key = client, .value = value});
  };
  put(last.client, fmt::format("{} {}", last.seq, last.result));
  std::vector<Last>& known = users_[user];
  std::erase_if(known, [&](const Last& one) { return one.client == last.client; });
  if (known.size() == kMostClients) {
    put(known.front().client, {});
    known.erase(known.begin());
  }
  known.push_back(std::move(last));
}

}  // namespace halley
