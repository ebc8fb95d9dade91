#include "bouncer/core/network.h"

#include <fmt/format.h>

#include <utility>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/network_settings.h"
#include "bouncer/accounts/user_settings.h"
#include "bouncer/irc/service_words.h"

namespace halley {

Network::Network(User& user, storage::SharedNetworkRow row, const Parts& parts)
    : user_(user),
      accounts_(parts.accounts),
      states_(parts.states),
      limits_(parts.limits),
      row_(std::move(row)),
      buffers_(parts.journal, parts.ids, parts.hash_key, user.id(), row_->id),
      outbox_(*this, parts.states) {
  state_.set_bound(limits_.memory_per_network);
  states_.take(StateKind::kNaming, user_.id(), [this](const storage::StateRow& kept) {
    if (kept.network == row_->id) naming_ = kept.value;
  });
  state_.set_naming(naming_);
  buffers_.set_casemapping(state_.casemapping());
  uplink_ = parts.make_uplink(*this);
}

Network::~Network() = default;

void Network::saying(std::string_view line) {
  for (std::string& word : irc::line_secrets(line).hidden) {
    // Beside a password stand names, which the answer is about.
    const bool name = same_name(word, nick()) || same_name(word, row_->nick) ||
                      same_name(word, row_->sasl_account) || find_wanted(word) != nullptr;
    if (!name) secrets_.remember(std::move(word), user_.now_ms());
  }
}

std::optional<std::string> Network::without_secrets(std::string_view text) {
  return secrets_.without(text, user_.now_ms());
}

void Network::log_state(std::string_view what) const {
  accounts_.audit().info(fmt::format("network {} of {}: {}", name(), user_.name(), Audit::clean(what)));
}

void Network::learn_naming() {
  buffers_.set_casemapping(state_.casemapping());
  const std::string now = state_.naming();
  if (now == naming_) return;
  naming_ = now;
  states_.put(StateKind::kNaming,
              {.user = user_.id(), .network = row_->id, .device = 0, .kind = 0, .key = {}, .value = naming_});
}

void Network::update(storage::SharedNetworkRow row) {
  const storage::SharedNetworkRow old = std::exchange(row_, std::move(row));
  const bool redial = needs_reconnect(*old, *row_);
  if (!user_.row().enabled) {
    uplink_->stop("This account has been disabled");
  } else if (!row_->enabled) {
    uplink_->stop("Disconnected by request");
  } else if (user_.resting()) {
    // Connected when somebody is here again.
  } else if (!old->enabled || link() == Link::kDisabled) {
    uplink_->start();
  } else if (redial) {
    uplink_->restart("Settings have changed");
  } else if (old->nick != row_->nick && uplink_->wanted_nick() != row_->nick) {
    uplink_->want_nick(row_->nick);
    uplink_->regain_nick();
  }
  user_.network_changed(*this);
}

std::vector<Network::BufferInfo> Network::shown_buffers(std::size_t most) const {
  std::vector<BufferInfo> infos;
  for (const auto& channel : state_.channels()) {
    if (infos.size() == most) break;
    const BufferId id = buffers_.find(channel->name);
    if (id != 0) infos.push_back({.id = id, .name = buffers_.name(id), .channel = true, .joined = true});
  }
  for (auto buffer = buffers_.all().rbegin(); buffer != buffers_.all().rend(); ++buffer) {
    if (infos.size() == most) break;
    const bool channel = state_.isupport().is_channel(buffer->name);
    if (buffer->name.empty() || (channel && state_.find_channel(buffer->name))) continue;
    infos.push_back({.id = buffer->id, .name = &buffer->name, .channel = channel, .joined = false});
  }
  std::ranges::sort(infos, [](const BufferInfo& a, const BufferInfo& b) { return *a.name < *b.name; });
  return infos;
}

std::span<const storage::BufferRow> Network::set_buffers() const {
  return accounts_.set_buffers_on(row_->id);
}

const storage::BufferRow* Network::find_set(BufferId buffer) const {
  const auto rows = set_buffers();
  const auto at = std::ranges::find(rows, buffer, &storage::BufferRow::id);
  return at == rows.end() ? nullptr : &*at;
}

std::vector<const storage::ChannelRow*> Network::wanted_channels() const {
  return accounts_.channels(row_->id);
}

std::size_t Network::channel_limit() const {
  return max_channels(user_.row(), limits_).most;
}

void Network::want_channel(std::string_view name, std::string_view key) {
  const storage::ChannelRow* known = find_wanted(name);
  const std::string spelt(known ? std::string_view(known->name) : name);
  accounts_.put_channel(row_->id, spelt, key);
}

void Network::forget_channel(std::string_view name) {
  const storage::ChannelRow* known = find_wanted(name);
  if (!known) return;
  const std::string gone = known->name;
  accounts_.remove_channel(row_->id, gone);
  outbox_.channel_changed(gone);
}

const storage::ChannelRow* Network::find_wanted(std::string_view name) const {
  for (const storage::ChannelRow& row : accounts_.channel_rows(row_->id)) {
    if (irc::equal(state_.casemapping(), row.name, name)) return &row;
  }
  return nullptr;
}

void Network::keep_nick(std::string_view nick) {
  accounts_.set_nick(row_->id, nick);
}

}  // namespace halley
