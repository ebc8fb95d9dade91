#include "storage/api/foreign_database.h"

#include <fmt/format.h>

#include <array>
#include <fstream>

#include "storage/base/sqlite.h"

namespace halley::storage {
namespace {

constexpr std::string_view kSqliteMagic{"SQLite format 3\0", 16};

class StatementRow final : public ForeignDatabase::Row {
 public:
  explicit StatementRow(const Statement& statement) : statement_(statement) {}
  std::int64_t number(int column) const override { return statement_.number(column); }
  std::string_view text(int column) const override { return statement_.blob(column); }

 private:
  const Statement& statement_;
};

class SqliteForeignDatabase final : public ForeignDatabase {
 public:
  SqliteForeignDatabase(const std::filesystem::path& file)
      : file_(file), db_(file, Db::OpenMode::kReadOnly) {}

  std::expected<void, std::string> each(std::string_view sql, const Visit& visit) override {
    try {
      Statement statement{db_, sql};
      const StatementRow row{statement};
      while (statement.step() && visit(row)) {
      }
      return {};
    } catch (const SqliteError& error) {
      return std::unexpected(fmt::format("cannot read {}: {}", file_.string(), error.what()));
    }
  }

  bool has_column(std::string_view table, std::string_view column) override {
    try {
      Statement statement{db_, "SELECT 1 FROM pragma_table_info(?) WHERE name = ?"};
      return statement.bind(table, column).step();
    } catch (const SqliteError&) {
      return false;  // what is read next says what is wrong
    }
  }

 private:
  const std::filesystem::path file_;
  Db db_;
};

}  // namespace

std::expected<std::unique_ptr<ForeignDatabase>, std::string> ForeignDatabase::open(
    const std::filesystem::path& file) {
  std::array<char, kSqliteMagic.size()> begin{};
  std::ifstream in(file, std::ios::binary);
  if (!in.read(begin.data(), begin.size()) || std::string_view(begin.data(), begin.size()) != kSqliteMagic)
    return std::unexpected(fmt::format("{} is no SQLite database that can be read", file.string()));
  prepare_sqlite();
  try {
    return std::make_unique<SqliteForeignDatabase>(file);
  } catch (const SqliteError& error) {
    return std::unexpected(fmt::format("cannot open {}: {}", file.string(), error.what()));
  }
}

}  // namespace halley::storage
