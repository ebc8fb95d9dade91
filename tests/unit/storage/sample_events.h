// Events for the tests, and events kept beyond the life of what they view.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "storage/api/event.h"
#include "storage/api/store.h"

namespace halley::storage {

inline constexpr EventId kStart = 1'700'000'000'000'000;  // in November 2023

// An event with its own memory.
struct Sample {
  EventId id = 0;
  std::int64_t time_ms = 0;
  UserId user = 1;
  NetworkId network = 3;
  std::uint8_t kind = 2;
  std::uint8_t flags = 0;
  std::uint16_t text_at = 0;
  std::vector<BufferId> buffers{7};
  std::string msgid, tags, line;

  Event view() const {
    return {.id = id,
            .time_ms = time_ms,
            .user = user,
            .network = network,
            .kind = kind,
            .flags = flags,
            .text_at = text_at,
            .buffers = buffers,
            .msgid = msgid,
            .tags = tags,
            .line = line};
  }
  bool operator==(const Sample&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Sample& sample) {
  return out << '#' << sample.id << ' ' << sample.line.substr(0, 60);
}

inline Sample sample_of(const Event& event) {
  return {.id = event.id,
          .time_ms = event.time_ms,
          .user = event.user,
          .network = event.network,
          .kind = event.kind,
          .flags = event.flags,
          .text_at = event.text_at,
          .buffers = {event.buffers.begin(), event.buffers.end()},
          .msgid = std::string{event.msgid},
          .tags = std::string{event.tags},
          .line = std::string{event.line}};
}

inline std::vector<Sample> samples_of(const Page& page) {
  std::vector<Sample> samples;
  for (const Event& event : page.events) samples.push_back(sample_of(event));
  return samples;
}

inline std::vector<EventId> ids_of(const Page& page) {
  std::vector<EventId> ids;
  for (const Event& event : page.events) ids.push_back(event.id);
  return ids;
}

// A message with the given text in buffer 7 of user 1, its time that of its id.
inline Sample said(EventId id, std::string_view text, UserId user = 1) {
  Sample sample;
  sample.id = id;
  sample.time_ms = static_cast<std::int64_t>(id / 1000);
  sample.user = user;
  sample.line = ":nick!user@host PRIVMSG #comet :";
  sample.text_at = static_cast<std::uint16_t>(sample.line.size());
  sample.line += text;
  return sample;
}

inline LogQuery log_of(UserId user) {
  LogQuery query;
  query.user = user;
  return query;
}

}  // namespace halley::storage
