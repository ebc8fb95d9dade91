// Reader's search: words from the index, phrases and filters from the lines themselves.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "storage/api/plain_text.h"
#include "storage/read/reader.h"
#include "storage/search/search_text.h"
#include "storage/search/tokenizer.h"

namespace halley::storage {
namespace {

// A search gives up looking for more after that many events that hold the words.
constexpr std::size_t kMostCandidates = 100'000;
// Shorter beginnings of words would read a good part of the index: they are taken for whole words.
constexpr std::size_t kShortestPrefix = 2;
// A network's clock may be ahead of ours (and so a line's time of its id), or behind, by half of that. The
// index event_shown_earlier (base/migrations.cpp) has what is shown earlier than that.
constexpr std::int64_t kAheadMs = 10 * 60 * 1000;
// So many lines in a row that are shown too late for what is asked for are passed over before it is worth
// asking where the next one stands that came late.
constexpr std::size_t kTooLateInARow = 32;
constexpr std::int64_t kFarMs = std::int64_t{1} << 50;

// No line whose time is asked for has an older id.
EventId oldest_of(const SearchQuery& query) {
  const std::int64_t ms = std::clamp(query.from_ms, kAheadMs, kFarMs) - kAheadMs;
  return std::max(query.after, static_cast<EventId>(ms) * 1000);
}

// Events with this id or a larger one are of the times that are asked for only if they came late.
EventId late_from(const SearchQuery& query) {
  const std::int64_t ms = std::clamp(query.to_ms, std::int64_t{0}, kFarMs) + kAheadMs;
  return static_cast<EventId>(ms) * 1000;
}

std::int64_t time_of(const Statement& event) {
  return event.number(0) / 1000 + event.number(2);
}

// The lines that hold the words, from the newest one down. Where all are too new for the times that are asked
// for, but for those that came late, it goes from one of these to the next.
class Hits {
 public:
  Hits(Db& db, const std::string& match, const SearchQuery& query)
      : rows_(db,
              "SELECT rowid FROM search WHERE search MATCH ?1 AND rowid > ?2 AND rowid < ?3 ORDER BY rowid "
              "DESC"),
        late_(db, fmt::format("SELECT id FROM event INDEXED BY event_shown_earlier WHERE user = ?1 AND "
                              "id > ?2 AND id < ?3 AND skew < -{} ORDER BY id DESC LIMIT 1",
                              kAheadMs)),
        match_(match),
        user_(query.user),
        oldest_(clamp_id(oldest_of(query))),
        late_from_(clamp_id(late_from(query))) {
    const EventId before = clamp_id(query.before);
    begin(before > late_from_ ? late_before(before) : before);
  }

  // False: there are no more.
  bool next() {
    if (!rows_.step()) return false;
    at_ = static_cast<EventId>(rows_.number(0));
    return true;
  }
  EventId id() const { return at_; }
  // The one that next() has gone to is shown too late.
  void too_late() {
    if (at_ < late_from_ || ++too_late_ < kTooLateInARow) return;
    begin(late_before(at_));
  }
  void in_time() { too_late_ = 0; }

 private:
  void begin(EventId before) {
    too_late_ = 0;
    rows_.bind(match_, oldest_, before);
  }
  // Behind the newest event before this one that came late, or where all may be of the times.
  EventId late_before(EventId id) {
    const bool found = late_.bind(user_, late_from_ - 1, id).step();
    const EventId before = found ? static_cast<EventId>(late_.number(0)) + 1 : late_from_;
    late_.reset();
    return before;
  }

  Statement rows_, late_;
  const std::string match_;
  const UserId user_;
  const EventId oldest_, late_from_;
  EventId at_ = 0;
  std::size_t too_late_ = 0;
};

struct Phrase {
  std::vector<std::string> words;
  bool prefix = false;  // the last one may go on
};

bool fits(const Phrase& phrase, const std::vector<std::string>& text, std::size_t at) {
  const std::size_t last = phrase.words.size() - 1;
  for (std::size_t word = 0; word <= last; ++word) {
    const bool begins = word == last && phrase.prefix;
    if (begins ? !text[at + word].starts_with(phrase.words[word]) : text[at + word] != phrase.words[word])
      return false;
  }
  return true;
}

bool holds(const std::vector<std::string>& text, const Phrase& phrase) {
  for (std::size_t at = 0; at + phrase.words.size() <= text.size(); ++at)
    if (fits(phrase, text, at)) return true;
  return false;
}

// The words in FTS5's language: all of them must be there.
std::string match_of(UserId user, const std::vector<Phrase>& phrases) {
  std::string match;
  for (const Phrase& phrase : phrases) {
    for (const std::string& word : phrase.words) {
      if (!match.empty()) match += " AND ";
      match += '"';
      for (const char c : exact_word(user, word)) match.append(c == '"' ? 2U : 1U, c);
      match += '"';
      if (phrase.prefix && &word == &phrase.words.back()) match += " *";
    }
  }
  return match;
}

}  // namespace

std::expected<Page, std::string> Reader::search(const SearchQuery& query) {
  const Tokenizer tokenizer{db_};
  std::vector<Phrase> phrases;
  bool ordered = false;  // a phrase of several words: the index does not know their order
  for (const SearchPhrase& asked : parse_search(query.text)) {
    Phrase phrase{{}, asked.prefix};
    phrase.words = tokenizer.asked_words(asked.text, phrase.prefix);
    if (phrase.words.empty()) continue;
    if (phrase.words.back().size() < kShortestPrefix) phrase.prefix = false;
    ordered = ordered || phrase.words.size() > 1;
    phrases.push_back(std::move(phrase));
  }
  // Signs only, a quote that was just opened: no word is in no line.
  if (phrases.empty()) return Page{};

  const Snapshot snapshot{db_};
  const std::uint64_t applied = this->applied();
  const auto removed = doomed_networks(query.user);
  Hits hits{db_, match_of(query.user, phrases), query};
  Statement event{
      db_, std::string{"SELECT "} + std::string{kEventColumns} + " FROM event e WHERE user = ? AND id = ?"};
  page_.start(query.user);
  std::size_t candidates = 0;
  std::string plain;
  bool more = false;
  EventId looked_at = 0;
  while (!more && hits.next()) {
    looked_at = hits.id();
    ++candidates_;
    more = ++candidates > kMostCandidates;
    if (more || !event.bind(query.user, hits.id()).step()) continue;
    if (time_of(event) >= query.to_ms) {
      hits.too_late();
      continue;
    }
    hits.in_time();
    if (!wanted(query, removed, event)) continue;
    if (ordered) {
      plain.clear();
      append_plain(
          event.text(9).substr(std::min(static_cast<std::size_t>(event.number(5)), event.text(9).size())),
          plain);
      const auto words = tokenizer.words(plain);
      if (!std::ranges::all_of(phrases, [&words](const Phrase& phrase) { return holds(words, phrase); }))
        continue;
    }
    more = page_.rows() >= query.limit;
    if (!more) page_.add(event);
  }
  Page page = page_.finish();
  page.more = more;
  if (more) page.go_on_before = looked_at + 1;
  page.applied = applied;
  return page;
}

// Is the event not too old for the times and in one of the places that were asked for, and one that the
// filter takes? It stands on a row of kEventColumns.
bool Reader::wanted(const SearchQuery& query, const std::vector<NetworkId>& removed, const Statement& event) {
  const auto network = static_cast<NetworkId>(event.number(1));
  if (time_of(event) < query.from_ms) return false;
  if (query.network != 0 && network != query.network) return false;
  if (std::ranges::find(removed, network) != removed.end() || !passes(query.only, event)) return false;
  if (query.buffers.empty()) return true;
  const auto has = [&query](BufferId buffer) {
    return std::ranges::find(query.buffers, buffer) != query.buffers.end();
  };
  if (event.is_number(6)) return has(static_cast<BufferId>(event.number(6)));
  const std::string_view several = event.blob(6);
  for (std::size_t at = 0; at + sizeof(BufferId) <= several.size(); at += sizeof(BufferId)) {
    BufferId buffer = 0;
    std::copy_n(several.data() + at, sizeof buffer, reinterpret_cast<char*>(&buffer));
    if (has(buffer)) return true;
  }
  return false;
}

}  // namespace halley::storage
