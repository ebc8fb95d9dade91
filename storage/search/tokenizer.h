// Words of the full-text index. SQLite's own unicode61 splits and folds; each word then carries its user in
// front ("12:word"): a user's search reads that user's words only, whatever the others say. In scripts
// without spaces (see scripts.h) each two characters that follow each other are a word, and so is the last
// one of a run: what is looked for inside a run is found as the words that follow each other there, a single
// character as the beginning of one.
//
// Owner and thread: those of the connection's user, the SearchIndex or a Reader.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/api/event.h"
#include "storage/base/sqlite.h"

namespace halley::storage {

// Longer words are cut: what is longer is no word.
inline constexpr std::size_t kMostWord = 64;

class Tokenizer {
 public:
  // Makes the tokenizer "halley" known to the connection: needed before anything touches the index through
  // it. REQUIRES: the connection outlives this.
  explicit Tokenizer(Db& db);
  ~Tokenizer();
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;

  // The words of a plain text, folded and cut, in order; without the user.
  std::vector<std::string> words(std::string_view text) const;
  // The words of what somebody looks for. Where it ends inside a run, the run may go on: `prefix` is set when
  // the last word is a beginning.
  std::vector<std::string> asked_words(std::string_view text, bool& prefix) const;

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

// What "halley" is given: a user's text to be split, after the msgid (may be empty) that is indexed with it
// as a word of its own kind; or one word as it is to be looked for.
void begin_indexed(UserId user, std::string_view msgid, std::string& text);
std::string exact_word(UserId user, std::string_view word);
// The word that stands for a msgid: a hash, so that what is found must be held against the event's own.
std::string msgid_word(std::string_view msgid);

}  // namespace halley::storage
