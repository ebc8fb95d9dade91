#include "storage/search/tokenizer.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <cstring>

#include "storage/search/scripts.h"

namespace halley::storage {
namespace {

using OnToken = int (*)(void*, int, const char*, int, int, int);

fts5_api* api_of(Db& db) {
  sqlite3_stmt* handle = nullptr;
  fts5_api* api = nullptr;
  if (sqlite3_prepare_v2(db.handle(), "SELECT fts5(?1)", -1, &handle, nullptr) != SQLITE_OK)
    db.fail("find FTS5");
  sqlite3_bind_pointer(handle, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
  sqlite3_step(handle);
  sqlite3_finalize(handle);
  if (api == nullptr) throw SqliteError(SQLITE_ERROR, "this SQLite was built without FTS5");
  return api;
}

// unicode61, as an object.
class Unicode61 {
 public:
  explicit Unicode61(fts5_api* api) {
    void* context = nullptr;
    std::array<const char*, 2> arguments{"remove_diacritics", "2"};
    if (api->xFindTokenizer(api, "unicode61", &context, &methods_) != SQLITE_OK ||
        methods_.xCreate(context, arguments.data(), static_cast<int>(arguments.size()), &tokenizer_) !=
            SQLITE_OK)
      throw SqliteError(SQLITE_ERROR, "this SQLite's FTS5 has no tokenizer unicode61");
  }
  ~Unicode61() { methods_.xDelete(tokenizer_); }
  Unicode61(const Unicode61&) = delete;
  Unicode61& operator=(const Unicode61&) = delete;

  int tokenize(void* context, int flags, std::string_view text, OnToken on_token) const {
    return methods_.xTokenize(tokenizer_, context, flags, text.data(), static_cast<int>(text.size()),
                              on_token);
  }

 private:
  fts5_tokenizer methods_{};
  Fts5Tokenizer* tokenizer_ = nullptr;
};

// Gives the words of a text to `on_token`. Where in the text a word stands (its offsets) nobody asks for.
int split(const Unicode61& unicode61, void* context, int flags, std::string_view text, OnToken on_token) {
  for (std::size_t at = 0; at < text.size();) {
    const UnspacedRun run = next_unspaced_run(text, at);
    if (run.begin > at) {
      const int code = unicode61.tokenize(context, flags, text.substr(at, run.begin - at), on_token);
      if (code != SQLITE_OK) return code;
    }
    for (std::size_t here = run.begin; here < run.end;) {
      const std::size_t next = here + character_size(text.substr(here, run.end - here));
      const std::size_t end =
          next < run.end ? next + character_size(text.substr(next, run.end - next)) : next;
      const int code = on_token(context, 0, text.data() + here, static_cast<int>(end - here), 0, 0);
      if (code != SQLITE_OK) return code;
      here = next;
    }
    at = run.end;
  }
  return SQLITE_OK;
}

int cut(int size) {
  return std::min(size, static_cast<int>(kMostWord));
}

// Puts the user before each word on its way to the index.
struct WithUser {
  std::array<char, 16 + kMostWord> word{};
  std::size_t user = 0;  // bytes of it, with the colon
  OnToken on_token = nullptr;
  void* context = nullptr;

  static int take(void* self, int flags, const char* token, int size, int start, int end) {
    auto& with = *static_cast<WithUser*>(self);
    size = cut(size);
    std::memcpy(with.word.data() + with.user, token, static_cast<std::size_t>(size));
    return with.on_token(with.context, flags, with.word.data(), static_cast<int>(with.user) + size, start,
                         end);
  }
};

int create(void* api, const char**, int, Fts5Tokenizer** out) try {
  *out = reinterpret_cast<Fts5Tokenizer*>(new Unicode61{static_cast<fts5_api*>(api)});
  return SQLITE_OK;
} catch (...) {  // no exception may cross SQLite
  return SQLITE_ERROR;
}

void destroy(Fts5Tokenizer* tokenizer) {
  delete reinterpret_cast<Unicode61*>(tokenizer);
}

// Begins and ends the word of a msgid; never in a plain text.
constexpr char kMsgidMark = '\x01';

// "12:text ...", "12:\x01HASH\x01text ..." or "=12:word".
int tokenize(Fts5Tokenizer* tokenizer, void* context, int flags, const char* bytes, int size,
             OnToken on_token) {
  std::string_view text{bytes == nullptr ? "" : bytes, static_cast<std::size_t>(size)};
  if (text.starts_with('=')) return on_token(context, 0, bytes + 1, size - 1, 1, size);
  const std::size_t colon = text.find(':');
  if (colon > 10) return SQLITE_OK;  // nothing of ours
  WithUser with;
  with.user = colon + 1;
  with.on_token = on_token;
  with.context = context;
  std::memcpy(with.word.data(), bytes, with.user);
  std::string_view rest = text.substr(with.user);
  if (const std::size_t end = rest.find(kMsgidMark, 1); rest.starts_with(kMsgidMark) && end != rest.npos) {
    const int code = WithUser::take(&with, 0, rest.data(), static_cast<int>(end), 0, static_cast<int>(end));
    if (code != SQLITE_OK) return code;
    rest.remove_prefix(end + 1);
  }
  return split(*reinterpret_cast<Unicode61*>(tokenizer), &with, flags, rest, WithUser::take);
}

int collect(void* words, int, const char* token, int size, int, int) try {
  static_cast<std::vector<std::string>*>(words)->emplace_back(token, static_cast<std::size_t>(cut(size)));
  return SQLITE_OK;
} catch (...) {  // no exception may cross SQLite
  return SQLITE_NOMEM;
}

}  // namespace

struct Tokenizer::Inner {
  explicit Inner(fts5_api* api) : unicode61(api) {}
  Unicode61 unicode61;
};

Tokenizer::Tokenizer(Db& db) {
  fts5_api* api = api_of(db);
  inner_ = std::make_unique<Inner>(api);
  fts5_tokenizer methods{create, destroy, tokenize};
  if (api->xCreateTokenizer(api, "halley", api, &methods, nullptr) != SQLITE_OK)
    db.fail("register the tokenizer");
}

Tokenizer::~Tokenizer() = default;

std::vector<std::string> Tokenizer::words(std::string_view text) const {
  std::vector<std::string> words;
  if (split(inner_->unicode61, &words, FTS5_TOKENIZE_AUX, text, collect) != SQLITE_OK)
    throw SqliteError(SQLITE_NOMEM, "out of memory while splitting a text into words");
  return words;
}

std::vector<std::string> Tokenizer::asked_words(std::string_view text, bool& prefix) const {
  std::vector<std::string> words = this->words(text);
  UnspacedRun last{0, 0};
  for (UnspacedRun run = next_unspaced_run(text, 0); run.end > run.begin;
       run = next_unspaced_run(text, run.end))
    last = run;
  // Signs behind it are no words.
  const bool open = last.end > 0 && this->words(text.substr(last.end)).empty();
  if (!open) return words;
  prefix = character_size(text.substr(last.begin)) == last.end - last.begin;
  if (!prefix) words.pop_back();
  return words;
}

void begin_indexed(UserId user, std::string_view msgid, std::string& text) {
  text.clear();
  fmt::format_to(std::back_inserter(text), "{}:", user);
  if (!msgid.empty()) text.append(msgid_word(msgid)).push_back(kMsgidMark);
}

std::string exact_word(UserId user, std::string_view word) {
  return fmt::format("={}:{}", user, word);
}

// 40 bits of FNV-1a: two of a user's million msgids share one about once; they are told apart by the events.
std::string msgid_word(std::string_view msgid) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : msgid) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return fmt::format("{}{:x}", kMsgidMark, hash >> 24U);
}

}  // namespace halley::storage
