#include "bouncer/upstream/sts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "bouncer/irc/casemapping.h"
#include "bouncer/net/address.h"

namespace halley {

namespace {

constexpr std::int64_t kLongestPolicyS = std::int64_t{10} * 366 * 24 * 3600;  // of a policy, in seconds

std::optional<std::int64_t> number_of(std::string_view value, std::string_view key) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view token = value.substr(0, comma);
    value.remove_prefix(std::min(comma + 1, value.size()));
    if (!token.starts_with(key) || token.size() == key.size() || token[key.size()] != '=') continue;
    std::int64_t number = 0;
    const char* const end = token.data() + token.size();
    const auto [last, error] = std::from_chars(token.data() + key.size() + 1, end, number);
    if (error != std::errc() || last != end || number < 0) return std::nullopt;
    return number;
  }
  return std::nullopt;
}

std::string folded_host(std::string_view host) {
  return irc::fold(irc::CaseMapping::kAscii, host);
}

// Addresses in numbers have no policies: whoever has one next said nothing.
bool has_policies(const std::string& host) {
  return !net::Address::numeric(host, 0).valid();
}

}  // namespace

Sts::Sts(DurableState& states, storage::UserId user, storage::NetworkId network)
    : states_(states), user_(user), network_(network) {
  states_.take(StateKind::kSts, user, [this](const storage::StateRow& row) {
    if (row.network != network_) return;
    Policy policy{.host = row.key};
    const char* const end = row.value.data() + row.value.size();
    const auto until = std::from_chars(row.value.data(), end, policy.until_s);
    if (until.ptr == end) return;
    const auto duration = std::from_chars(until.ptr + 1, end, policy.duration_s);
    if (duration.ptr == end) return;
    std::from_chars(duration.ptr + 1, end, policy.port);
    policies_.push_back(std::move(policy));
  });
}

std::vector<Sts::Policy>::iterator Sts::find(std::string_view host) {
  return std::ranges::find(policies_, folded_host(host), &Policy::host);
}

void Sts::keep(Policy policy) {
  const std::string value = fmt::format("{} {} {}", policy.until_s, policy.duration_s, policy.port);
  states_.put(StateKind::kSts, {.user = user_, .network = network_, .key = policy.host, .value = value});
  if (const auto known = find(policy.host); known != policies_.end()) {
    *known = std::move(policy);
    return;
  }
  if (policies_.size() == kMostPolicies) forget(std::ranges::min_element(policies_, {}, &Policy::until_s));
  policies_.push_back(std::move(policy));
}

void Sts::forget(std::vector<Policy>::iterator policy) {
  states_.put(StateKind::kSts, {.user = user_, .network = network_, .key = policy->host, .value = {}});
  policies_.erase(policy);
}

void Sts::secure(NetworkUrl& url, std::int64_t now_s) {
  const bool asked = !state_.asked_host.empty() && state_.asked_host == folded_host(url.host);
  state_.asked_host.clear();
  if (url.tls) return;
  const auto policy = find(url.host);
  const bool holds = policy != policies_.end() && policy->until_s > now_s;
  if (!asked && !holds) return;
  url.tls = true;
  url.port = asked ? state_.asked_port : policy->port;
}

bool Sts::hear(const NetworkUrl& from, std::string_view value, std::int64_t now_s) {
  if (!has_policies(from.host)) return false;
  if (!from.tls) {
    const auto port = number_of(value, "port");
    if (!port || *port == 0 || *port > 65535) return false;
    state_.asked_host = folded_host(from.host);
    state_.asked_port = static_cast<std::uint16_t>(*port);
    return true;
  }
  const auto duration = number_of(value, "duration");
  if (!duration) return false;
  if (*duration == 0) {
    if (const auto known = find(from.host); known != policies_.end()) forget(known);
    return false;
  }
  const std::int64_t lasts = std::min(*duration, kLongestPolicyS);
  state_.heard_host = folded_host(from.host);
  keep({.host = folded_host(from.host), .port = from.port, .duration_s = lasts, .until_s = now_s + lasts});
  return false;
}

void Sts::link_gone(std::int64_t now_s) {
  const auto known = state_.heard_host.empty() ? policies_.end() : find(state_.heard_host);
  state_.heard_host.clear();
  if (known == policies_.end()) return;
  Policy policy = *known;
  policy.until_s = now_s + policy.duration_s;
  keep(std::move(policy));
}

}  // namespace halley
