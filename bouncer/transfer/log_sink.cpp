#include "bouncer/transfer/log_sink.h"

#include "bouncer/irc/casemapping.h"
#include "bouncer/irc/text.h"

namespace halley::transfer {
namespace {

constexpr std::uint64_t kTellEvery = 10'000;
constexpr std::size_t kMaxName = 512;  // as core/buffers.h

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
  for (const storage::BufferRow& row : *rows) buffers_.try_emplace({row.network, folded(row.name)}, row.id);
  return {};
}

std::expected<BufferId, std::string> LogSink::buffer_of(const std::string& name) {
  if (newest_.second != 0 && newest_.first == name) return newest_.second;
  const std::string shown(irc::clip_utf8(name, kMaxName));
  const auto [at, fresh] = buffers_.try_emplace({network_, folded(shown)}, 0);
  if (fresh) {
    const auto made = import_.make_buffer(user_, network_, shown);
    if (!made) return made;
    at->second = *made;
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
  if (!event) {
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
    case storage::LogImport::Taken::kNew:
      ++report_.lines;
      break;
    case storage::LogImport::Taken::kKnown:
      ++report_.known_lines;
      break;
    case storage::LogImport::Taken::kBadTime:
      not_taken();
  }
  return {};
}

}  // namespace halley::transfer
