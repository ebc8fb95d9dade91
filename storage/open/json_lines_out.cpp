#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "storage/base/base64.h"
#include "storage/base/buffers_column.h"
#include "storage/base/migrations.h"
#include "storage/open/carried_blob.h"
#include "storage/open/json_lines.h"
#include "storage/open/json_tables.h"

namespace halley::storage {
namespace {

using Done = std::expected<void, std::string>;
constexpr std::size_t kWrittenAtOnce = std::size_t{256} * 1024;

// A file that lines are gathered for.
class LinesFile {
 public:
  explicit LinesFile(const std::filesystem::path& path)
      : path_(path), fd_(::open(path.c_str(), O_WRONLY | O_CLOEXEC)) {}
  LinesFile(const LinesFile&) = delete;
  LinesFile& operator=(const LinesFile&) = delete;
  ~LinesFile() {
    if (fd_ >= 0) ::close(fd_);
  }

  Done put(std::string_view line) {
    if (line.size() > kMostJsonLine)
      return std::unexpected(
          fmt::format("a row of {} bytes is more than a line holds; export it as sqlite", line.size()));
    (text_ += line) += '\n';
    return text_.size() < kWrittenAtOnce ? Done{} : flush();
  }
  Done flush() {
    for (std::string_view rest = text_; !rest.empty();) {
      const ssize_t put = ::write(fd_, rest.data(), rest.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0)
        return std::unexpected(fmt::format("cannot write {}: {}", path_.string(), std::strerror(errno)));
      rest.remove_prefix(static_cast<std::size_t>(put));
    }
    text_.clear();
    return {};
  }

 private:
  const std::filesystem::path path_;
  const int fd_;
  std::string text_;
};

void append_encoded(std::string_view name, std::string_view bytes, std::string& out) {
  ((out += "{\"") += name) += "\":\"";
  append_base64(bytes, out);
  out += "\"}";
}

// What networks said may be of any encoding.
void append_text(std::string_view text, std::string& out) {
  try {
    out += nlohmann::json(text).dump();
  } catch (const nlohmann::json::type_error&) {
    append_encoded("text64", text, out);
  }
}

void append_value(const Statement& row, int column, std::string& out) {
  if (row.is_null(column)) {
    out += "null";
  } else if (row.is_number(column)) {
    out += std::to_string(row.number(column));
  } else if (row.is_blob(column)) {
    append_encoded("base64", row.blob(column), out);
  } else {
    append_text(row.text(column), out);
  }
}

Done put_pieces(CarriedBlob blob, LinesFile& file) {
  std::string piece, line;
  for (std::size_t at = 0; at < blob.size(); at += piece.size()) {
    piece.resize(std::min(CarriedBlob::kPieceBytes, blob.size() - at));
    blob.read(at, piece.data(), piece.size());
    line = "{\"piece\":\"";
    append_base64(piece, line);
    line += "\"}";
    if (auto done = file.put(line); !done) return done;
  }
  return {};
}

class TableWriter {
 public:
  TableWriter(Db& db, LinesFile& file, WorkWatch& watch) : db_(db), file_(file), watch_(watch) {
    for (const std::string_view table : kJsonTables)
      if (!columns_of(db_, table).empty())
        all_ += static_cast<std::uint64_t>(db_.number(fmt::format("SELECT count(*) FROM {}", table).c_str()));
  }

  Done write(std::string_view table) {
    const auto columns = columns_of(db_, table);
    if (columns.empty()) return {};
    const bool files = table == kCarriedTable;
    std::string selected = fmt::format("{}", fmt::join(columns, ", "));
    // Their bytes are not read whole.
    if (files) selected.replace(selected.rfind(kFileBytes), kFileBytes.size(), "length(bytes)");
    Statement rows{db_, fmt::format("SELECT {} FROM {}", selected, table)};
    std::string line;
    while (rows.step()) {
      if (watch_.stopped()) return std::unexpected("Halley was stopped meanwhile; nothing was written");
      watch_.at("lines written", rows_++, all_);
      line = fmt::format("{{\"table\":\"{}\"", table);
      for (std::size_t i = 0; i < columns.size(); ++i) {
        line += fmt::format(",\"{}\":", columns[i]);
        const int column = static_cast<int>(i);
        if (columns[i] == kEventBuffers && !rows.is_null(column)) {
          line += fmt::format("[{}]", fmt::join(buffers_of(rows, column), ","));
        } else {
          append_value(rows, column, line);
        }
      }
      line += '}';
      if (auto done = file_.put(line); !done) return done;
      if (!files) continue;
      if (auto done = put_pieces({db_, rows.number(0), CarriedBlob::Use::kRead}, file_); !done) return done;
    }
    return {};
  }
  std::uint64_t rows() const { return rows_; }

 private:
  Db& db_;
  LinesFile& file_;
  WorkWatch& watch_;
  std::uint64_t rows_ = 0, all_ = 0;
};

}  // namespace

Done write_json_lines(Db& exported, const std::filesystem::path& to, WorkWatch& watch) {
  LinesFile file(to);
  if (auto done = file.put(fmt::format("{{\"halley\":\"export\",\"format\":{},\"schema\":{}}}", kJsonFormat,
                                       newest_version()));
      !done)
    return done;
  TableWriter tables(exported, file, watch);
  for (const std::string_view table : kJsonTables)
    if (auto done = tables.write(table); !done) return done;
  if (auto done = file.put(fmt::format("{{\"end\":{{\"rows\":{}}}}}", tables.rows())); !done) return done;
  return file.flush();
}

}  // namespace halley::storage
