#include "bouncer/core/user_audits.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace halley {
namespace {

using Audited = AuditEntry::What;

// A place's key: "l" or "c" and its number.
struct AuditPlace {
  Audited what = Audited::kLogin;
  std::size_t number = 0;
};

std::optional<AuditPlace> place_of(std::string_view key) {
  if (key.empty() || (key[0] != 'l' && key[0] != 'c')) return std::nullopt;
  AuditPlace place{.what = key[0] == 'l' ? Audited::kLogin : Audited::kChange};
  const auto [end, error] = std::from_chars(key.data() + 1, key.data() + key.size(), place.number);
  if (error != std::errc() || end != key.data() + key.size()) return std::nullopt;
  return place;
}

std::string_view take_field(std::string_view& text) {
  const std::string_view field = text.substr(0, text.find('\t'));
  text.remove_prefix(std::min(field.size() + 1, text.size()));
  return field;
}

std::int64_t time_of(std::string_view value) {
  const std::string_view field = take_field(value);
  std::int64_t time_ms = 0;
  std::from_chars(field.data(), field.data() + field.size(), time_ms);
  return time_ms;
}

}  // namespace

UserAudits::UserAudits(DurableState& states, const net::Clock& clock) : StateOwner(states), clock_(clock) {
  struct Newest {
    std::int64_t login_ms = 0, change_ms = 0;
  };
  std::map<storage::UserId, Newest> newest;
  states_.take(StateKind::kUserAudit, [&](const storage::StateRow& row) {
    const auto place = place_of(row.key);
    if (!place) return;
    const bool login = place->what == Audited::kLogin;
    std::int64_t& known = login ? newest[row.user].login_ms : newest[row.user].change_ms;
    const std::int64_t time_ms = time_of(row.value);
    if (time_ms < known) return;  // of one moment the one that was written last, which comes last
    known = time_ms;
    (login ? next_[row.user].login : next_[row.user].change) = place->number + 1;
  });
}

void UserAudits::add(storage::UserId user, const AuditEntry& entry) {
  if (user == 0 || !states_.has_room()) return;
  const bool login = entry.kind == Audited::kLogin;
  std::size_t& next = login ? next_[user].login : next_[user].change;
  next %= login ? kMostAuditLogins : kMostAuditChanges;
  const std::string key = fmt::format("{}{}", login ? 'l' : 'c', next++);
  const std::string value = fmt::format("{}\t{}\t{}\t{}", clock_.wall_us() / 1000, Audit::clean(entry.who),
                                        Audit::clean(entry.from), Audit::clean(entry.what));
  states_.put(StateKind::kUserAudit,
              {.user = user, .network = 0, .device = 0, .kind = 0, .key = key, .value = value});
}

void UserAudits::forget_user(storage::UserId user) {
  next_.erase(user);
}

std::vector<UserAudits::Kept> UserAudits::read(const std::vector<storage::StateRow>& rows) {
  std::vector<Kept> all;
  for (const storage::StateRow& row : rows) {
    const auto place = place_of(row.key);
    if (!place) continue;
    std::string_view rest = row.value;
    Kept kept{.time_ms = time_of(rest), .entry = {.kind = place->what, .who = {}, .from = {}, .what = {}}};
    take_field(rest);
    kept.entry.who = take_field(rest);
    kept.entry.from = take_field(rest);
    kept.entry.what = rest;
    all.push_back(std::move(kept));
  }
  // Those of one moment in the order in which they were written, which is that of the rows.
  std::ranges::reverse(all);
  std::ranges::stable_sort(all, std::ranges::greater{}, &Kept::time_ms);
  return all;
}

}  // namespace halley
