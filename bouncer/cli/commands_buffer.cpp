// The commands of the group "buffer", and prune. Which buffers there are the store knows, so they answer
// later.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "bouncer/accounts/buffer_settings.h"
#include "bouncer/accounts/retention_rules.h"
#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/in_band_text.h"
#include "bouncer/cli/setting_options.h"
#include "bouncer/cli/text_table.h"

namespace halley::cli {
namespace {

using BufferRows = std::vector<storage::BufferRow>;
constexpr std::string_view kNetworkItself = "*";

std::string shown_name(const storage::BufferRow& row) {
  return row.name.empty() ? std::string(kNetworkItself) : row.name;
}

// Finds NETWORK's TARGET, and does something with it; `done` hears of what is not there.
void with_buffer(CommandCall& call, CommandDone done,
                 std::function<void(const storage::BufferRow& row, const CommandDone& done)> use) {
  const auto network = call.accounts().require_network(call.user, call.parsed.text("NETWORK"));
  if (!network) return done(CommandResult::refuse(network.error()));
  std::string target = call.parsed.text("TARGET");
  const std::string shown = target;
  if (target == kNetworkItself) target.clear();
  call.environment.store.read_buffers(
      (*network)->user, [id = (*network)->id, name = (*network)->name, target, shown, done = std::move(done),
                         use = std::move(use)](const std::expected<BufferRows, std::string>& buffers) {
        if (!buffers) return done(CommandResult::refuse(buffers.error()));
        const auto at = std::ranges::find_if(*buffers, [&](const storage::BufferRow& row) {
          return row.network == id && same_name(row.name, target);
        });
        if (at == buffers->end())
          return done(CommandResult::refuse(
              fmt::format("nothing was ever said in {} on {}; see buffer list", shown, name)));
        use(*at, done);
      });
}

// Without a daemon nobody knows which channels are detached.
nlohmann::json to_json(const storage::BufferRow& row, std::string_view network, const Daemon* daemon) {
  nlohmann::json json{{"network", network}, {"target", shown_name(row)}};
  for (const BufferSetting& setting : buffer_settings())
    json[setting.json_name()] = json_of(setting, row, nullptr);
  json["detached"] = daemon != nullptr ? nlohmann::json(daemon->detached(row)) : nlohmann::json();
  return json;
}

std::vector<std::string> to_row(const storage::BufferRow& row, std::string_view network,
                                const Daemon* daemon) {
  std::string set;
  for (const BufferSetting& setting : buffer_settings()) {
    const std::string value = setting.accessors.show(setting, row, nullptr);
    if (!value.empty()) set += fmt::format("{}{}={}", set.empty() ? "" : " ", setting.name, value);
  }
  if (daemon != nullptr && daemon->detached(row)) set += set.empty() ? "detached=yes" : " detached=yes";
  return {std::string(network), shown_name(row), std::move(set)};
}

// Which buffers are asked for.
struct BufferListing {
  std::vector<std::pair<NetworkId, std::string>> networks;  // in the order in which they are shown
  UserId user = 0;
  std::string part;  // of the name; empty: any
  std::size_t most = std::numeric_limits<std::size_t>::max();
};

// Each network's, in the order of the rows; a network that is not asked for has none.
std::unordered_map<NetworkId, std::vector<const storage::BufferRow*>> by_network(const BufferListing& listing,
                                                                                 const BufferRows& buffers) {
  std::unordered_map<NetworkId, std::vector<const storage::BufferRow*>> found;
  for (const auto& network : listing.networks) found[network.first];
  for (const storage::BufferRow& row : buffers) {
    const auto at = found.find(row.network);
    if (at == found.end()) continue;
    if (listing.part.empty() ||
        irc::find(irc::CaseMapping::kAscii, shown_name(row), listing.part) != std::string::npos)
      at->second.push_back(&row);
  }
  return found;
}

CommandResult listed(const BufferListing& listing, const BufferRows& buffers, const Accounts& accounts,
                     const Daemon* daemon) {
  std::unordered_map<storage::BufferId, const storage::BufferRow*> set;
  for (const auto* row : accounts.set_buffers(listing.user)) set.emplace(row->id, row);
  const auto found = by_network(listing, buffers);
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  std::size_t more = 0;
  for (const auto& [id, name] : listing.networks) {
    for (const storage::BufferRow* buffer : found.at(id)) {
      if (rows.size() == listing.most) {
        ++more;
        continue;
      }
      const auto own = set.find(buffer->id);
      const storage::BufferRow& row = own == set.end() ? *buffer : *own->second;
      json.push_back(to_json(row, name, daemon));
      rows.push_back(to_row(row, name, daemon));
    }
  }
  if (rows.empty())
    return CommandResult::done(listing.part.empty() ? "nothing was said yet" : "no name has that in it",
                               std::move(json));
  std::string text = text_table(rows);
  if (more > 0) text += fmt::format("\nand {} more: buffer list NETWORK name=TEXT shows some of them", more);
  return CommandResult::done(std::move(text), std::move(json));
}

CommandResult changed(const storage::BufferRow& row) {
  return CommandResult::change(fmt::format("{} changed", shown_name(row)), {{"target", shown_name(row)}});
}

// Not empty: why it cannot be.
std::string detach(Daemon* daemon, const storage::BufferRow& row, bool detached) {
  if (daemon == nullptr) return "no daemon runs that could do it: channels are detached while Halley runs";
  const auto done = daemon->set_detached(row, detached);
  return done ? std::string() : done.error();
}

}  // namespace

void buffer_list(CommandCall& call, CommandDone done) {
  BufferListing listing{
      .networks = {}, .user = call.accounts().find_user(call.user)->id, .part = call.parsed.text("name")};
  if (call.parsed.has("NETWORK")) {
    const auto network = call.accounts().require_network(call.user, call.parsed.text("NETWORK"));
    if (!network) return done(CommandResult::refuse(network.error()));
    listing.networks.emplace_back((*network)->id, (*network)->name);
  } else {
    for (const auto* network : call.accounts().networks(listing.user))
      listing.networks.emplace_back(network->id, network->name);
  }
  // What is said on IRC is not made in vain.
  if (call.caller.in_band() && call.caller.overheard) listing.most = kMostInBandLines;
  const UserId user = listing.user;
  call.environment.store.read_buffers(
      user, [listing = std::move(listing), &accounts = call.accounts(), daemon = call.environment.daemon,
             done = std::move(done)](const std::expected<BufferRows, std::string>& buffers) {
        done(buffers ? listed(listing, *buffers, accounts, daemon) : CommandResult::refuse(buffers.error()));
      });
}

void buffer_set(CommandCall& call, CommandDone done) {
  const SettingValues values = values_of(call.parsed, buffer_settings());
  const auto detached = call.parsed.optional("detached");
  if (values.empty() && !detached) return done(CommandResult::usage("nothing to set; see help buffer set"));
  if (detached && *detached != "yes" && *detached != "no")
    return done(CommandResult::refuse("detached is yes or no"));
  with_buffer(call, std::move(done),
              [values, detached, daemon = call.environment.daemon, &accounts = call.accounts()](
                  const storage::BufferRow& row, const CommandDone& answer) {
                if (!values.empty()) {
                  if (const auto set = accounts.set_buffer(row, values); !set)
                    return answer(CommandResult::refuse(set.error()));
                }
                if (detached) {
                  if (std::string why = detach(daemon, row, *detached == "yes"); !why.empty())
                    return answer(CommandResult::refuse(std::move(why)));
                }
                answer(changed(row));
              });
}

void buffer_remove(CommandCall& call, CommandDone done) {
  with_buffer(call, std::move(done),
              [&accounts = call.accounts()](const storage::BufferRow& row, const CommandDone& answer) {
                if (const auto removed = accounts.remove_buffer(row); !removed)
                  return answer(CommandResult::refuse(removed.error()));
                answer(CommandResult::change(
                    fmt::format("{} removed, with all that was logged there", shown_name(row)),
                    {{"target", shown_name(row)}}));
              });
}

void prune(CommandCall& call, CommandDone done) {
  const CommandEnvironment& environment = call.environment;
  storage::Store& store = environment.store;
  std::vector<storage::Change> changes =
      outdated_lines(environment.accounts, environment.config.history.retention_days,
                     environment.clock.wall_us() / 1000, true);
  if (changes.empty())
    return done(CommandResult::done(
        "all is kept for ever: no retention is set, here (history.retention_days), of a user or of a buffer",
        {{"removed", 0}}));
  if (!environment.accounts.takes_changes(call.caller.user))
    return done(CommandResult::refuse("too many changes wait for the disk; see status, and try again later"));
  const std::uint64_t before = store.figures().removed;
  const auto settle = [&store, before, on_progress = call.on_progress,
                       done = std::move(done)](const storage::Status& status) {
    if (!status) return done(CommandResult::refuse(status.error()));
    store.run_errand(
        {.what = storage::Errand::What::kSettle, .on_progress = on_progress},
        [&store, before, done](const std::expected<storage::ErrandReport, std::string>& settled) {
          const std::uint64_t removed = store.figures().removed - before;
          if (!settled)
            return done(CommandResult::done(fmt::format("it goes on in the background ({})", settled.error()),
                                            {{"removed", removed}, {"complete", false}}));
          done(CommandResult::done(fmt::format("{} line{} removed, and overwritten in all files", removed,
                                               removed == 1 ? "" : "s"),
                                   {{"removed", removed}, {"complete", true}}));
        });
  };
  environment.accounts.commit(std::move(changes), settle, call.caller.user);
}

}  // namespace halley::cli
