// Another program's SQLite database, read only: what is imported from. Thread: one at a time; blocking.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace halley::storage {

class ForeignDatabase {
 public:
  // The error says what is wrong with the file. It is not changed; that it is in use does no harm.
  static std::expected<std::unique_ptr<ForeignDatabase>, std::string> open(const std::filesystem::path& file);
  virtual ~ForeignDatabase() = default;

  class Row {
   public:
    // REQUIRES (both): the answer has that column; the first is 0.
    virtual std::int64_t number(int column) const = 0;
    virtual std::string_view text(int column) const = 0;  // of a blob its bytes; of NULL nothing
   protected:
    ~Row() = default;
  };
  // Each row of the answer, until `visit` says false; a row is good for the visit only.
  using Visit = std::function<bool(const Row&)>;
  virtual std::expected<void, std::string> each(std::string_view sql, const Visit& visit) = 0;
  // Has the table this column? `table` is a name of ours.
  virtual bool has_column(std::string_view table, std::string_view column) = 0;
};

}  // namespace halley::storage
