#include "bouncer/core/network.h"

#include <algorithm>

#include "bouncer/core/burst.h"
#include "bouncer/core/event_ids.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

std::string_view link_name(Link link) {
  switch (link) {
    case Link::kDisabled:
      return "disabled";
    case Link::kWaiting:
      return "waiting";
    case Link::kConnecting:
      return "connecting";
    case Link::kRegistering:
      return "registering";
    case Link::kConnected:
      return "connected";
  }
  return "unknown";
}

Network::Network(User& user, storage::NetworkRow row) : user_(user), row_(std::move(row)) {
  state_.set_bound(user.services().config->limits.memory_per_network);
  upstream_ = std::make_unique<Upstream>(*this);
}

Network::~Network() = default;

Link Network::link() const {
  return upstream_->link();
}
const std::string& Network::trouble() const {
  return upstream_->trouble();
}

void Network::update(const storage::NetworkRow& row) {
  const storage::NetworkRow old = std::exchange(row_, row);
  const bool redial = old.urls != row.urls || old.username != row.username || old.realname != row.realname ||
                      old.sasl_mechanism != row.sasl_mechanism || old.sasl_account != row.sasl_account ||
                      old.sealed_sasl_password != row.sealed_sasl_password ||
                      old.sealed_password != row.sealed_password || old.cert_pins != row.cert_pins ||
                      old.sealed_client_cert != row.sealed_client_cert;
  if (!row_.enabled) {
    upstream_->stop("Disconnected by request");
  } else if (!old.enabled || link() == Link::kDisabled) {
    upstream_->start();
  } else if (redial) {
    upstream_->restart("Settings have changed");
  } else if (old.nick != row.nick && upstream_->wanted_nick() != row.nick) {
    upstream_->want_nick(row.nick);
    upstream_->nick_is_free(row.nick);
  }
  user_.network_changed(*this);
}

std::size_t Network::buffer_index(std::string_view name, bool& found) const {
  const irc::CaseMapping mapping = state_.casemapping();
  const auto compare = [mapping](std::string_view a, std::string_view b) {
    const std::size_t common = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < common; ++i) {
      const auto x = static_cast<unsigned char>(irc::fold(mapping, a[i]));
      const auto y = static_cast<unsigned char>(irc::fold(mapping, b[i]));
      if (x != y) return x < y ? -1 : 1;
    }
    return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
  };
  // The last one found is the likeliest to be asked for again, spelt the same.
  if (last_found_ < buffers_.size() && buffers_[last_found_].name == name) {
    found = true;
    return last_found_;
  }
  const auto at =
      std::lower_bound(buffers_.begin(), buffers_.end(), name,
                       [&](const Entry& entry, std::string_view n) { return compare(entry.name, n) < 0; });
  found = at != buffers_.end() && compare(at->name, name) == 0;
  const auto index = static_cast<std::size_t>(at - buffers_.begin());
  if (found) last_found_ = index;
  return index;
}

BufferId Network::find_buffer(std::string_view name) const {
  bool found = false;
  const std::size_t at = buffer_index(name, found);
  return found ? buffers_[at].id : 0;
}

BufferId Network::buffer(std::string_view name) {
  name = name.substr(0, kMaxBufferName);
  bool found = false;
  const std::size_t at = buffer_index(name, found);
  if (found) return buffers_[at].id;
  const BufferId id = user_.services().ids->next_buffer();
  user_.services().journal->append(storage::BufferRecord{id, user_.id(), row_.id, name});
  buffers_.insert(buffers_.begin() + static_cast<std::ptrdiff_t>(at), {id, std::string(name)});
  return id;
}

void Network::load_buffer(const storage::BufferRow& row) {
  bool found = false;
  const std::size_t at = buffer_index(row.name, found);
  if (!found) buffers_.insert(buffers_.begin() + static_cast<std::ptrdiff_t>(at), {row.id, row.name});
}

void Network::casemapping_changed() {
  std::vector<Entry> old = std::move(buffers_);
  buffers_.clear();
  last_found_ = 0;
  for (Entry& entry : old) {
    bool found = false;
    const std::size_t at = buffer_index(entry.name, found);
    if (!found) buffers_.insert(buffers_.begin() + static_cast<std::ptrdiff_t>(at), std::move(entry));
  }
}

std::vector<Network::BufferInfo> Network::buffers() const {
  std::vector<BufferInfo> infos;
  for (const Entry& entry : buffers_) {
    if (entry.name.empty()) continue;
    const bool channel = state_.isupport().is_channel(entry.name);
    infos.push_back({entry.id, &entry.name, channel, channel && state_.find_channel(entry.name) != nullptr});
  }
  return infos;
}

const std::string* Network::buffer_name(BufferId id) const {
  const auto at =
      std::find_if(buffers_.begin(), buffers_.end(), [id](const Entry& entry) { return entry.id == id; });
  return at == buffers_.end() ? nullptr : &at->name;
}

void Network::want_channel(std::string_view name, std::string_view key) {
  Accounts& accounts = *user_.services().accounts;
  for (const storage::ChannelRow* row : accounts.channels(row_.id)) {
    if (!irc::equal(state_.casemapping(), row->name, name)) continue;
    if (key.empty() || row->key == key) return;
  }
  accounts.put_channel(row_.id, name, key);
}

void Network::snapshot(const std::function<void(std::string_view line)>& line) const {
  const Burst burst(*this, {.multi_prefix = true, .userhost = false});
  burst.isupport(line);
  for (const auto& channel : state_.channels()) burst.channel(*channel, line);
}

}  // namespace halley
