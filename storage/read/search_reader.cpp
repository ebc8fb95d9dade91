// Reader's search: words from the index, phrases and filters from the lines themselves.
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
// A network's clock may be ahead of ours (and so a line's time of its id) by half of that.
constexpr std::int64_t kAheadMs = 10 * 60 * 1000;

// No line whose time is asked for has an older id.
EventId oldest_of(const SearchQuery& query) {
  constexpr std::int64_t kFar = std::int64_t{1} << 50;
  const std::int64_t ms = std::clamp(query.from_ms, kAheadMs, kFar) - kAheadMs;
  return std::max(query.after, static_cast<EventId>(ms) * 1000);
}

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
  const std::string match = match_of(query.user, phrases);
  Statement hits{
      db_,
      "SELECT rowid FROM search WHERE search MATCH ?1 AND rowid > ?2 AND rowid < ?3 ORDER BY rowid DESC"};
  Statement event{
      db_, std::string{"SELECT "} + std::string{kEventColumns} + " FROM event e WHERE user = ? AND id = ?"};
  hits.bind(match, clamp_id(oldest_of(query)), clamp_id(query.before));
  page_.start(query.user);
  std::size_t candidates = 0;
  std::string plain;
  bool more = false;
  EventId looked_at = 0;
  while (!more && hits.step()) {
    looked_at = static_cast<EventId>(hits.number(0));
    ++candidates_;
    more = ++candidates > kMostCandidates;
    if (more || !event.bind(query.user, hits.number(0)).step() || !wanted(query, removed, event)) continue;
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

// Is the event of the times and in one of the places that were asked for, and one that the filter takes? It
// stands on a row of kEventColumns.
bool Reader::wanted(const SearchQuery& query, const std::vector<NetworkId>& removed, const Statement& event) {
  const auto network = static_cast<NetworkId>(event.number(1));
  const std::int64_t time_ms = event.number(0) / 1000 + event.number(2);
  if (time_ms < query.from_ms || time_ms >= query.to_ms) return false;
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
