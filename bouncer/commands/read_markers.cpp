#include "bouncer/commands/read_markers.h"

#include <algorithm>

#include "bouncer/core/network.h"
#include "bouncer/irc/text.h"
#include "bouncer/irc/time_tag.h"

namespace halley {

namespace {

// A line may bear a time of the network's clock, which is believed while it is off by no more than this
// (core/user_log.cpp); a marker further in the future would never move again.
constexpr std::int64_t kAheadMs = 5 * 60 * 1000;

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  constexpr std::string_view kKey = "timestamp=";
  return text.starts_with(kKey) ? irc::parse_time(text.substr(kKey.size())) : std::nullopt;
}

std::string line_of(const Network& network, std::string_view target, std::optional<std::int64_t> time_ms) {
  std::string mark = "*";
  if (time_ms) {
    mark = "timestamp=";
    irc::append_time(mark, *time_ms);
  }
  return irc::format_line(network.user().hostname(), "MARKREAD", {target, mark});
}

}  // namespace

std::optional<MarkreadRefused> mark_read(const ClientCommand& c) {
  const irc::Message& m = c.message;
  const std::string_view target = m.param(0);
  if (target.empty()) return MarkreadRefused{"NEED_MORE_PARAMS", {}, "Say MARKREAD target timestamp=..."};
  if (!irc::is_valid_target(target) || m.param_count > 2)
    return MarkreadRefused{"INVALID_PARAMS", std::string(target.substr(0, irc::kMaxTarget)),
                           "That is no target"};
  const auto read = m.param_count == 2 ? parse_timestamp(m.param(1)) : std::nullopt;
  if (m.param_count == 2 && !read) {
    return MarkreadRefused{"INVALID_PARAMS", std::string(target),
                           "The time must be timestamp=YYYY-MM-DDThh:mm:ss.sssZ"};
  }
  User& user = c.network.user();
  const BufferId buffer = c.network.buffers().find(target);
  const bool moved = read && buffer != 0 &&
                     user.read_markers().advance(c.network.id(), buffer,
                                                 *read > user.wall_ms() + kAheadMs ? user.wall_ms() : *read);
  const std::string line = markread_line(c.network, target);
  if (moved) {
    user.marker_moved(c.network, buffer, *user.read_markers().of(c.network.id(), buffer));
    user.pass(c.network, line);
  } else {
    c.from.pass(c.network, line);
  }
  return std::nullopt;
}

std::string markread_line(const Network& network, std::string_view target) {
  const BufferId buffer = network.buffers().find(target);
  if (buffer == 0) return line_of(network, target, std::nullopt);
  return line_of(network, *network.buffers().name(buffer),
                 network.user().read_markers().of(network.id(), buffer));
}

void tell_markers(const Network& network, const std::function<void(std::string_view line)>& line) {
  bool any = false;
  network.user().read_markers().each(network.id(), [&](BufferId buffer, std::int64_t time_ms) {
    const std::string* name = network.buffers().name(buffer);
    if (!name || name->empty()) return;
    line(line_of(network, *name, time_ms));
    any = true;
  });
  if (!any) line(line_of(network, "*", std::nullopt));
}

}  // namespace halley
