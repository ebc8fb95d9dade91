#include "bouncer/transfer/log_sink.h"

#include "bouncer/core/buffers.h"
#include "bouncer/irc/casemapping.h"
#include "bouncer/irc/text.h"

namespace halley::transfer {
namespace {

constexpr std::uint64_t kTellEvery = 10'000;

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
