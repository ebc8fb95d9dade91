#include "storage/read/log_walk.h"

#include <algorithm>
#include <limits>

#include "storage/read/page_builder.h"

namespace halley::storage {
namespace {

// So many events of other networks are stepped over before it is worth asking each buffer (a seek is worth
// ten steps).
constexpr std::size_t kPatience = 32, kPatiencePerBuffer = 4;

std::string log_sql(const char* order) {
  return std::string{"SELECT "} + std::string{kEventColumns} +
         " FROM event e WHERE e.user = ? AND e.id > ? AND e.id <= ? ORDER BY e.id " + order;
}

}  // namespace

EventId clamp_id(EventId id) {
  return std::min<EventId>(id, std::numeric_limits<std::int64_t>::max());
}

LogWalk::LogWalk(Db& db)
    : up_(db, log_sql("ASC")),
      down_(db, log_sql("DESC")),
      before_(db, "SELECT max(id) FROM event WHERE user = ? AND id < ?"),
      doomed_(db, "SELECT network FROM doomed WHERE user = ?"),
      buffers_(db, "SELECT id FROM buffer WHERE user = ? AND network = ?"),
      place_up_(db, "SELECT min(event) FROM place WHERE buffer = ? AND event > ?"),
      place_down_(db, "SELECT max(event) FROM place WHERE buffer = ? AND event < ?") {}

void LogWalk::start(const LogQuery& query) {
  query_ = query;
  rows_ = query.newest ? &down_ : &up_;
  rows_->bind(query.user, clamp_id(query.after), clamp_id(query.until));
  removed_.clear();
  for (doomed_.bind(query.user); doomed_.step();)
    removed_.push_back(static_cast<NetworkId>(doomed_.number(0)));
  doomed_.reset();
  places_.clear();
  id_ = last_ = first_seen_ = seen_ = seen_before_ = 0;
}

void LogWalk::stop() {
  rows_->reset();
}

bool LogWalk::wanted(NetworkId network) const {
  return query_.network == 0 || network == query_.network;
}

bool LogWalk::next() {
  last_ = id_;
  first_seen_ = 0;
  std::size_t passed = 0;
  while (rows_->step()) {
    const auto id = static_cast<EventId>(rows_->number(0));
    const auto network = static_cast<NetworkId>(rows_->number(1));
    if (!removed_.empty() && std::ranges::find(removed_, network) != removed_.end()) continue;
    if (first_seen_ == 0) first_seen_ = id;
    seen_before_ = seen_;
    seen_ = id;
    if (wanted(network)) {
      id_ = id;
      return true;
    }
    if (++passed < kPatience + kPatiencePerBuffer * places_.size()) continue;
    if (!jump()) break;
    passed = 0;
  }
  stop();
  return false;
}

// Goes on at the next event that one of the network's buffers shows; false: none shows any.
bool LogWalk::jump() {
  if (places_.empty()) {
    places_.push_back(kNoBuffer);
    for (buffers_.bind(query_.user, query_.network); buffers_.step();)
      places_.push_back(static_cast<BufferId>(buffers_.number(0)));
    buffers_.reset();
  }
  Statement& place = query_.newest ? place_down_ : place_up_;
  EventId nearest = 0;
  for (const BufferId buffer : places_) {
    if (place.bind(buffer, seen_).step() && !place.is_null(0)) {
      const auto event = static_cast<EventId>(place.number(0));
      if (nearest == 0) nearest = event;
      nearest = query_.newest ? std::max(nearest, event) : std::min(nearest, event);
    }
    place.reset();
  }
  if (nearest == 0) return false;
  if (query_.newest) {
    rows_->bind(query_.user, clamp_id(query_.after), nearest);
  } else {
    rows_->bind(query_.user, nearest - 1, clamp_id(query_.until));
  }
  seen_ = 0;
  return true;
}

EventId LogWalk::look_up_before(EventId id) {
  const EventId before = before_.bind(query_.user, id).step() ? static_cast<EventId>(before_.number(0)) : 0;
  before_.reset();
  return before;
}

EventId LogWalk::before() {
  return seen_before_ != 0 ? seen_before_ : look_up_before(id_);
}

EventId LogWalk::before_last() {
  return first_seen_ != 0 ? first_seen_ : look_up_before(last_);
}

}  // namespace halley::storage
