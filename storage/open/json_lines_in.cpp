#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "storage/base/base64.h"
#include "storage/base/migrations.h"
#include "storage/open/carried_blob.h"
#include "storage/open/json_lines.h"
#include "storage/open/json_tables.h"

namespace halley::storage {
namespace {

using nlohmann::json;
using Done = std::expected<void, std::string>;

// A file by lines; a line counts from 1.
class LinesIn {
 public:
  explicit LinesIn(const std::filesystem::path& path)
      : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat info {};
    if (fd_ >= 0 && ::fstat(fd_, &info) == 0) size_ = static_cast<std::uint64_t>(info.st_size);
  }
  LinesIn(const LinesIn&) = delete;
  LinesIn& operator=(const LinesIn&) = delete;
  ~LinesIn() {
    if (fd_ >= 0) ::close(fd_);
  }

  // Without its newline, valid until the next call; nullopt: there is no further one.
  std::expected<std::optional<std::string_view>, std::string> next() {
    for (std::size_t searched = taken_;;) {
      const std::size_t end = text_.find('\n', searched);
      searched = text_.size();
      if (std::min(end, searched) - taken_ > kMostJsonLine) {
        ++number_;
        return std::unexpected(fmt::format("it has more than {} bytes", kMostJsonLine));
      }
      if (end != std::string::npos) {
        ++number_;
        const std::size_t begin = std::exchange(taken_, end + 1);
        return std::string_view(text_).substr(begin, end - begin);
      }
      // What was given before makes room once a piece, not once a line.
      text_.erase(0, std::exchange(taken_, 0));
      searched = text_.size();
      if (const auto more = read(); !more) return std::unexpected(more.error());
      if (text_.size() > searched) continue;
      if (text_.empty()) return std::nullopt;
      ++number_;
      taken_ = text_.size();
      return text_;
    }
  }
  std::uint64_t number() const { return number_; }
  std::uint64_t bytes() const { return bytes_; }  // that were read
  std::uint64_t size() const { return size_; }

 private:
  Done read() {
    char piece[64 * 1024];
    ssize_t got = 0;
    do got = ::read(fd_, piece, sizeof piece);
    while (got < 0 && errno == EINTR);
    if (got < 0)
      return std::unexpected(fmt::format("cannot read {}: {}", path_.string(), std::strerror(errno)));
    text_.append(piece, static_cast<std::size_t>(got));
    bytes_ += static_cast<std::uint64_t>(got);
    return {};
  }

  const std::filesystem::path path_;
  const int fd_;
  std::string text_;
  std::size_t taken_ = 0;  // of it: the lines that were given
  std::uint64_t number_ = 0, bytes_ = 0, size_ = 0;
};

// What a number of JSON is in SQLite; nullopt: it has no place there.
std::optional<std::int64_t> whole_number(const json& value) {
  if (!value.is_number_integer()) return std::nullopt;
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return std::nullopt;
  return value.get<std::int64_t>();
}

// Binds the values of one row; what they view lives as long as this and the line.
class Values {
 public:
  explicit Values(Statement& insert) : insert_(insert) { insert_.reset(); }

  // False: such a value stands in no row.
  bool put(int index, const json& value) {
    if (value.is_null()) {
      insert_.put_null(index);
    } else if (const auto number = whole_number(value)) {
      insert_.put_number(index, *number);
    } else if (value.is_string()) {
      insert_.put_text(index, value.get_ref<const std::string&>());
    } else {
      return value.is_object() && put_encoded(index, value);
    }
    return true;
  }
  bool put_buffers(int index, const json& value) {
    if (!value.is_array()) return false;
    std::string& bytes = kept_.emplace_back();
    for (const json& one : value) {
      const auto number = whole_number(one);
      if (!number || *number < 0 || *number > std::numeric_limits<BufferId>::max()) return false;
      if (value.size() == 1) return put(index, one);
      const auto buffer = static_cast<BufferId>(*number);
      bytes.append(reinterpret_cast<const char*>(&buffer), sizeof buffer);
    }
    insert_.put_blob(index, bytes);
    return !value.empty();
  }

 private:
  bool put_encoded(int index, const json& value) {
    const bool text = value.contains("text64");
    const auto at = value.find(text ? "text64" : "base64");
    if (value.size() != 1 || at == value.end() || !at->is_string()) return false;
    auto bytes = bytes_of_base64(at->get_ref<const std::string&>());
    if (!bytes) return false;
    const std::string& kept = kept_.emplace_back(std::move(*bytes));
    text ? insert_.put_text(index, kept) : insert_.put_blob(index, kept);
    return true;
  }

  Statement& insert_;
  std::deque<std::string> kept_;
};

class RowReader {
 public:
  explicit RowReader(Db& db) : db_(db) {}

  // One line behind the first. The error says what is wrong with it.
  Done take(std::string_view line) {
    if (ended_) return std::unexpected("nothing may stand behind the end");
    json row = json::parse(line, nullptr, false);
    if (!row.is_object()) return std::unexpected("it is no JSON object");
    if (row.contains("piece")) return take_piece(row);
    if (file_) return std::unexpected("the file before it is not whole");
    if (row.contains("end")) return take_end(row);
    const auto named = row.find("table");
    if (named == row.end() || !named->is_string())
      return std::unexpected("it is neither a row of a table nor the end");
    const std::string table = *named;
    if (std::ranges::find(kJsonTables, table) == kJsonTables.end())
      return std::unexpected(fmt::format("there is no table \"{}\" in an export", table));
    return take_row(table, row);
  }
  bool ended() const { return ended_; }

 private:
  struct Table {
    std::vector<std::string> columns;
    Statement insert;
  };
  struct File {
    CarriedBlob blob;
    std::size_t at = 0;
  };

  Table* table(const std::string& name) {
    if (const auto at = tables_.find(name); at != tables_.end()) return &at->second;
    auto columns = columns_of(db_, name);
    if (columns.empty()) return nullptr;
    std::vector<std::string> marks;
    for (const std::string& column : columns)
      marks.emplace_back(name == kCarriedTable && column == kFileBytes ? "zeroblob(?)" : "?");
    Statement insert{db_, fmt::format("INSERT INTO {} ({}) VALUES ({})", name, fmt::join(columns, ", "),
                                      fmt::join(marks, ", "))};
    return &tables_.emplace(name, Table{std::move(columns), std::move(insert)}).first->second;
  }

  Done take_row(const std::string& name, const json& row) {
    Table* const into = table(name);
    if (into == nullptr) return std::unexpected(fmt::format("its version has no table \"{}\"", name));
    for (const auto& [key, value] : row.items()) {
      if (key != "table" && std::ranges::find(into->columns, key) == into->columns.end())
        return std::unexpected(fmt::format("a row of {} has no \"{}\"", name, key));
    }
    Values values(into->insert);
    for (int index = 1; const std::string& column : into->columns) {
      const auto value = row.find(column);
      if (value == row.end()) return std::unexpected(fmt::format("\"{}\" is missing", column));
      const bool buffers = column == kEventBuffers && !value->is_null();
      if (!(buffers ? values.put_buffers(index, *value) : values.put(index, *value)))
        return std::unexpected(fmt::format("\"{}\" has a value that it cannot have", column));
      ++index;
    }
    if (name == kCarriedTable && !(whole_number(row[kFileBytes]) >= 0 && whole_number(row["id"])))
      return std::unexpected("a file has a number, and a number of bytes");
    try {
      into->insert.run();
    } catch (const SqliteError& error) {
      if (error.trouble()) throw;
      return std::unexpected(fmt::format("the database refuses it: {}", error.what()));
    }
    ++rows_;
    if (name == kCarriedTable && *whole_number(row[kFileBytes]) > 0)
      file_.emplace(CarriedBlob(db_, *whole_number(row["id"]), CarriedBlob::Use::kWrite));
    return {};
  }

  Done take_piece(const json& row) {
    const json& piece = row["piece"];
    const auto bytes =
        piece.is_string() ? bytes_of_base64(piece.get_ref<const std::string&>()) : std::nullopt;
    if (!bytes || row.size() != 1) return std::unexpected("it is no piece of a file");
    if (!file_ || bytes->size() > file_->blob.size() - file_->at)
      return std::unexpected("it is a piece of no file, or more than the file has");
    file_->blob.write(file_->at, *bytes);
    file_->at += bytes->size();
    if (file_->at == file_->blob.size()) file_.reset();
    return {};
  }

  Done take_end(const json& row) {
    const json& end = row["end"];
    const auto rows = end.is_object() && end.contains("rows") ? whole_number(end["rows"]) : std::nullopt;
    if (!rows || row.size() != 1) return std::unexpected("it is no end");
    if (static_cast<std::uint64_t>(*rows) != rows_)
      return std::unexpected(fmt::format("{} rows should stand before it, but {} do", *rows, rows_));
    ended_ = true;
    return {};
  }

  Db& db_;
  std::map<std::string, Table, std::less<>> tables_;
  std::optional<File> file_;  // whose pieces come next
  std::uint64_t rows_ = 0;
  bool ended_ = false;
};

// The schema that the first line tells.
std::expected<int, std::string> schema_of(std::string_view line) {
  const json first = json::parse(line, nullptr, false);
  if (!first.is_object() || first.value("halley", json()) != "export")
    return std::unexpected("it does not say that this is an export of Halley's");
  const auto format = whole_number(first.value("format", json())),
             schema = whole_number(first.value("schema", json()));
  if (!format || *format < 1 || !schema || *schema < kFirstJsonSchema)
    return std::unexpected("it does not say of which version it is");
  if (*format > kJsonFormat || *schema > newest_version())
    return std::unexpected(fmt::format(
        "a newer Halley wrote it (format {}, schema {}; this one knows {} and {}): import it with that",
        *format, *schema, kJsonFormat, newest_version()));
  return static_cast<int>(*schema);
}

Done read_lines(LinesIn& lines, const std::filesystem::path& into, WorkWatch& watch) {
  const auto first = lines.next();
  if (!first) return std::unexpected(first.error());
  const auto schema = schema_of(first->value_or(std::string_view()));
  if (!schema) return std::unexpected(schema.error());
  Db db{into, Db::OpenMode::kReadWrite};
  db.exec("PRAGMA synchronous = OFF");  // nobody keeps it
  lay_out_version(db, *schema);
  Transaction transaction{db};
  {
    RowReader rows(db);
    for (;;) {
      const auto line = lines.next();
      if (!line) return std::unexpected(line.error());
      if (!*line) {
        if (rows.ended()) break;
        return std::unexpected("the file ends here: it was cut off behind this line");
      }
      if (auto taken = rows.take(**line); !taken) return taken;
      watch.at("bytes read", lines.bytes(), lines.size());
    }
  }
  transaction.commit();
  return {};
}

}  // namespace

Done read_json_lines(const std::filesystem::path& from, const std::filesystem::path& into, WorkWatch& watch) {
  LinesIn lines(from);
  auto read = read_lines(lines, into, watch);
  if (!read)
    return std::unexpected(
        fmt::format("{}: line {}: {}; nothing was imported: export it anew, or mend that line", from.string(),
                    lines.number(), read.error()));
  return read;
}

}  // namespace halley::storage
