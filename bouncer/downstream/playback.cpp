#include "bouncer/downstream/playback.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/downstream/handlers.h"
#include "bouncer/irc/casemapping.h"
#include "bouncer/irc/time_tag.h"

namespace halley {

namespace {

constexpr std::string_view kPlaybackUsage =
    "Say PLAY buffers [from] [to], LIST [buffers] or CLEAR buffers; buffers as #a,#b*,carl or *; times in "
    "seconds since 1970, or as 2026-11-26T12:00:00.000Z";

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    if (const auto word = text.substr(0, space); !word.empty()) words.push_back(word);
    text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
  }
  return words;
}

// "1700000000.25", or a time as a tag has it. `up`: of less than a millisecond, the next one.
std::optional<std::int64_t> parse_moment(std::string_view text, bool up) {
  if (const auto time = irc::parse_time(text)) return time;
  constexpr std::int64_t kLastSecond = std::int64_t{1} << 40;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || seconds < 0 || seconds > kLastSecond) return std::nullopt;
  std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  std::int64_t ms = seconds * 1000;
  if (rest.empty()) return ms;
  if (!rest.starts_with('.')) return std::nullopt;
  rest.remove_prefix(1);
  if (rest.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::int64_t weight = 100;
  for (const char digit : rest.substr(0, 3)) {
    ms += (digit - '0') * weight;
    weight /= 10;
  }
  const bool more = rest.size() > 3 && rest.substr(3).find_first_not_of('0') != std::string_view::npos;
  return up && more ? ms + 1 : ms;
}

std::string format_moment(std::int64_t ms) {
  return fmt::format("{}.{:03}000", ms / 1000, ms % 1000);
}

// Up to when the buffer was cleared; -1: never.
std::int64_t cleared_until(const Network& network, BufferId buffer) {
  const BufferMarks& marks = network.user().playback_marks();
  return std::max(marks.of(network.id(), 0).value_or(-1), marks.of(network.id(), buffer).value_or(-1));
}

}  // namespace

MaskList::MaskList(irc::CaseMapping mapping, std::string_view masks) : mapping_(mapping) {
  while (!masks.empty() && masks_.size() < Playback::kMostMasks) {
    const std::size_t comma = masks.find(',');
    const std::string_view text = masks.substr(0, comma);
    masks = comma == std::string_view::npos ? std::string_view{} : masks.substr(comma + 1);
    Mask mask{.text = irc::fold(mapping, text), .fitting = {}};
    // A long one without signs names a buffer whose name is as long.
    if (text.size() <= Playback::kMaxMask && text.find_first_of("*?") != std::string_view::npos) {
      const auto both_stars = [](char a, char b) { return a == '*' && b == '*'; };
      mask.text.erase(std::ranges::unique(mask.text, both_stars).begin(), mask.text.end());
      mask.fitting.resize(256);
      for (std::size_t at = 0; at < mask.text.size(); ++at) {
        const Places place = Places{1} << at;
        if (mask.text[at] == '*') mask.stars |= place;
        if (mask.text[at] == '?') std::ranges::for_each(mask.fitting, [place](Places& one) { one |= place; });
        mask.fitting[static_cast<unsigned char>(mask.text[at])] |= place;
      }
    }
    masks_.push_back(std::move(mask));
  }
}

bool MaskList::fits(std::string_view name) {
  const std::string folded = irc::fold(mapping_, name);
  return std::ranges::any_of(masks_, [&](const Mask& mask) { return fits(mask, folded); });
}

bool MaskList::names(std::string_view name) const {
  const std::string folded = irc::fold(mapping_, name);
  return std::ranges::any_of(masks_,
                             [&](const Mask& mask) { return mask.fitting.empty() && mask.text == folded; });
}

// All ways at once (Baeza-Yates and Gonnet): no mask makes anybody go back.
bool MaskList::fits(const Mask& mask, std::string_view name) {
  if (mask.fitting.empty()) return mask.text == name;
  if (exhausted()) return false;
  Places places = 1;
  places |= (places & mask.stars) << 1;
  for (const char c : name) {
    ++compared_;
    places =
        (places & mask.fitting[static_cast<unsigned char>(c)] & ~mask.stars) << 1 | (places & mask.stars);
    places |= (places & mask.stars) << 1;
    if (places == 0) return false;
  }
  return (places >> mask.text.size() & 1) != 0;
}

void Playback::command(Network& network, std::string_view text) {
  const std::vector<std::string_view> words = words_of(text);
  const std::string_view what = words.empty() ? std::string_view{} : words[0];
  if (irc::same_command(what, "PLAY") && words.size() > 1) {
    play(network, words);
  } else if (irc::same_command(what, "LIST")) {
    find_buffers(network, words.size() > 1 ? words[1] : "*",
                 {.list = true, .network = network.id(), .range = {}, .buffers = {}});
  } else if (irc::same_command(what, "CLEAR") && words.size() > 1) {
    clear(network, words);
  } else {
    say(kPlaybackUsage);
  }
}

void Playback::play(Network& network, const std::vector<std::string_view>& words) {
  Range range;
  const auto from = words.size() > 2 ? parse_moment(words[2], false) : std::optional(range.from);
  const auto to = words.size() > 3 ? parse_moment(words[3], true) : std::optional(range.to);
  if (!from || !to) {
    say(kPlaybackUsage);
    return;
  }
  range = {*from, *to};
  find_buffers(network, words[1], {.list = false, .network = network.id(), .range = range, .buffers = {}});
}

// The log keeps what was said: it is only not played any more.
void Playback::clear(Network& network, const std::vector<std::string_view>& words) {
  User& user = network.user();
  if (words[1] == "*") {
    user.playback_marks().advance(network.id(), 0, user.wall_ms());
    return;
  }
  std::vector<BufferId> cleared;
  MaskList masks(network.state().casemapping(), words[1]);
  for (const Buffer& buffer : network.buffers().all()) {
    if (buffer.name.empty() || !masks.fits(buffer.name)) continue;
    if (cleared.size() == kMostCleared) {
      say(fmt::format("These are more than {} buffers: nothing was cleared; CLEAR * clears all",
                      kMostCleared));
      return;
    }
    cleared.push_back(buffer.id);
  }
  if (masks.exhausted()) return say_too_much();
  for (const BufferId buffer : cleared) user.playback_marks().advance(network.id(), buffer, user.wall_ms());
}

// The buffers that fit and in which something was said since, the one with the oldest last line first.
void Playback::find_buffers(const Network& network, std::string_view masks, Replay job) {
  storage::TargetsQuery query;
  query.network = network.id();
  query.from_ms = job.range.from;
  query.to_ms = std::numeric_limits<std::int64_t>::max();
  query.limit = network.buffers().all().size();
  query.kinds = kMessageKinds;
  const Answering none(client_, 0);  // what *playback tells is said, as anybody's words
  client_.asked_store();
  client_.user()->past().targets(query, [this, alive = client_.alive(), masks = std::string(masks),
                                         job = std::move(job)](auto rows) mutable {
    if (alive.expired()) return;
    const Network* now = client_.bound_network();  // removed meanwhile?
    if (!rows) say(fmt::format("The history cannot be read: {}", rows.error()));
    if (!rows || !now) {
      client_.store_answered(0);
      return;
    }
    MaskList list(now->state().casemapping(), masks);
    const Detached& detached = now->user().detached();
    for (const storage::TargetRow& row : *rows) {
      const std::string* name = now->buffers().name(row.buffer);
      // What this device hides it gets when it says its name.
      const bool hidden = detached.has(now->id(), row.buffer, client_.device());
      const bool fits = name && !name->empty() && (hidden ? list.names(*name) : list.fits(*name));
      if (fits && row.latest_ms > cleared_until(*now, row.buffer)) job.buffers.push_back(row);
    }
    if (list.exhausted()) {
      say_too_much();
      job.buffers.clear();
    }
    std::ranges::reverse(job.buffers);
    state_.jobs.push_back(std::move(job));
    go_on();
  });
}

void Playback::go_on() {
  while (!asking_ && !state_.jobs.empty() && client_.wants_more()) {
    Replay& job = state_.jobs.front();
    const Network* network = client_.bound_network();
    if (job.buffers.empty() || !network || network->id() != job.network) {
      state_.jobs.pop_front();
      client_.store_answered(0);
      continue;
    }
    ask(*network, job, job.buffers.back());
  }
}

void Playback::ask(const Network& network, const Replay& job, const storage::TargetRow& target) {
  storage::HistoryQuery query;
  query.buffer = target.buffer;
  query.kinds = kMessageKinds;
  storage::Bound from, to;
  from.by = to.by = storage::Bound::By::kTime;
  from.time_ms = std::max(job.range.from, cleared_until(network, target.buffer));
  to.time_ms = job.range.to;
  // Of LIST the oldest line; of PLAY the newest that fit into a page, which are those nearest to `to`.
  query.what = job.list ? storage::HistoryQuery::What::kAfter : storage::HistoryQuery::What::kBetween;
  query.a = job.list ? from : to;
  if (!job.list) query.b = from;
  query.limit = job.list ? 1 : kMostHistory;
  asking_ = true;
  client_.user()->past().history(std::move(query), [this, alive = client_.alive(), target](auto page) {
    if (alive.expired()) return;
    asking_ = false;
    if (!state_.jobs.empty()) state_.jobs.front().buffers.pop_back();
    if (!page) {
      say(fmt::format("The history cannot be read: {}", page.error()));
    } else if (const Network* now = client_.bound_network(); now && !state_.jobs.empty()) {
      answer(*now, state_.jobs.front().list, target, std::move(*page));
    }
    go_on();
  });
}

void Playback::answer(const Network& network, bool list, const storage::TargetRow& target,
                      storage::Page page) {
  const std::string* name = network.buffers().name(target.buffer);
  if (!name || page.events.empty()) return;
  if (list) {
    say(fmt::format("{} {} {}", *name, format_moment(page.events.front().time_ms),
                    format_moment(target.latest_ms)));
    return;
  }
  asking_ = true;
  const std::string_view refused = client_.tell_page("znc.in/playback", *name, std::move(page), [this] {
    asking_ = false;
    go_on();
  });
  if (refused.empty()) return;
  asking_ = false;
  say(refused);
}

void Playback::say(std::string_view text) {
  std::string line;
  const std::string_view params[] = {client_.nick(), text};
  irc::append_line(
      line, {.source = "*playback!playback@znc.in", .command = "PRIVMSG", .params = params, .colon = true});
  client_.send(line);
}

void Playback::say_too_much() {
  say("There are too many buffers for so many masks: nothing was done; name fewer, or buffers by their "
      "names");
}

void handle_znc(Downstream& client, Network& network, const irc::Message& m) {
  std::string_view module = m.param(0);
  if (module.starts_with('*')) module.remove_prefix(1);
  if (!irc::same_command(module, "playback")) {
    client.notice("Halley is no ZNC: of its modules it has *playback alone");
    return;
  }
  std::string text;
  for (const std::string_view word : m.parameters().subspan(1)) (text += text.empty() ? "" : " ") += word;
  client.playback().command(network, text);
}

bool said_to_playback(Downstream& client, Network& network, const irc::Message& m) {
  if (!irc::same_command(m.command, "PRIVMSG") || !irc::same_command(m.param(0), "*playback")) return false;
  client.playback().command(network, m.param(1));
  return true;
}

}  // namespace halley
