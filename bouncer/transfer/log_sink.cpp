#include "bouncer/transfer/log_sink.h"

#include "bouncer/core/buffers.h"
#include "bouncer/core/event_kind.h"
#include "bouncer/irc/casemapping.h"
#include "bouncer/irc/text.h"
#include "bouncer/transfer/znc_log.h"

namespace halley::transfer {
namespace {

constexpr std::uint64_t kTellEvery = 10'000;
constexpr std::size_t kMostSecondsKept = 65'536;
constexpr std::int64_t kSecondMs = 1000;

std::string folded(std::string_view name) {
  return irc::fold(irc::CaseMapping::kRfc1459, name);
}

}  // namespace

std::expected<void, std::string> LogSink::begin(UserId user, NetworkId network) {
  newest_ = {};
  network_ = network;
  if (user == user_) return {};
  user_ = user;
  buffers_.clear();
  const auto rows = import_.buffers(user);
  if (!rows) return std::unexpected(rows.error());
  counts_.clear();
  for (const storage::BufferRow& row : *rows) {
    if (buffers_.try_emplace({row.network, folded(row.name)}, row.id).second) ++counts_[row.network];
  }
  return {};
}

// What Halley logged itself has other ids than an import gives, and hosts that text logs leave out: it is the
// same if it reads the same, within the second that such logs tell. As often as it is there it is known.
std::expected<bool, std::string> LogSink::is_there(const storage::Event& event, BufferId buffer) {
  const std::int64_t second = event.time_ms / kSecondMs;
  auto at = had_.find({buffer, second});
  if (at == had_.end()) {
    if (had_.size() >= kMostSecondsKept) had_.clear();
    at = had_.try_emplace({buffer, second}).first;
    auto& had = at->second;
    const auto read = import_.lines_between(
        event.user, buffer, second * kSecondMs, (second + 1) * kSecondMs,
        [&had](std::string_view line, std::uint8_t flags) {
          for (std::string& words : znc_words(line, (flags & event_flag::kMultiline) != 0))
            ++had[std::move(words)];
        });
    if (!read) return std::unexpected(read.error());
  }
  if (at->second.empty()) return false;
  const auto words = znc_words(event.line, false);
  if (words.size() != 1) return false;
  const auto same = at->second.find(words.front());
  if (same == at->second.end()) return false;
  if (--same->second == 0) at->second.erase(same);
  return true;
}

std::expected<BufferId, std::string> LogSink::buffer_of(const std::string& name) {
  if (newest_.second != 0 && newest_.first == name) return newest_.second;
  auto at = buffers_.find({network_, folded(name)});
  if (at == buffers_.end()) {
    // As Buffers::make: what is beyond is shown in the network's own.
    if (!name.empty() && counts_[network_] >= Buffers::kMostByUser) return buffer_of({});
    const auto made = import_.make_buffer(user_, network_, name);
    if (!made) return made;
    at = buffers_.emplace(std::pair(network_, folded(name)), *made).first;
    ++counts_[network_];
  }
  newest_ = {name, at->second};
  return at->second;
}

std::expected<void, std::string> LogSink::add(const ForeignLine& line, const LogPlace& place) {
  return put(writer_.write(line, place), place);
}

std::expected<void, std::string> LogSink::add_raw(std::string_view raw, std::int64_t time_ms,
                                                  const LogPlace& place) {
  return put(writer_.write_raw(raw, time_ms, place), place);
}

std::expected<void, std::string> LogSink::put(std::optional<storage::Event> event, const LogPlace& place) {
  if (++read_ % kTellEvery == 0 && progress_) progress_(read_);
  // A name that no client could say again: of a file that is no channel's.
  if (!event || (!place.buffer.empty() && !irc::is_valid_target(place.buffer))) {
    not_taken();
    return {};
  }
  const auto buffer = buffer_of(place.buffer);
  if (!buffer) return std::unexpected(buffer.error());
  event->user = user_;
  event->network = network_;
  event->buffers = {&*buffer, 1};
  const auto known = is_there(*event, *buffer);
  if (!known) return std::unexpected(known.error());
  if (*known) {
    ++report_.known_lines;
    return {};
  }
  const auto taken = import_.add(*event);
  if (!taken) return std::unexpected(taken.error());
  switch (*taken) {
    case storage::LogImport::Added::kNew:
      ++report_.lines;
      break;
    case storage::LogImport::Added::kKnown:
      ++report_.known_lines;
      break;
    case storage::LogImport::Added::kBadTime:
      not_taken();
  }
  return {};
}

}  // namespace halley::transfer
