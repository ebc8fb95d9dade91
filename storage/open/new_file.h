// A file that has another name, with ".part" behind it, until it is whole; it goes when it never is.
//
// Any thread, one at a time. Owner: whoever makes the file. Mode 0600.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>

namespace halley::storage {

class NewFile {
 public:
  // An error: there is one of the name, or none can be made there.
  static std::expected<NewFile, std::string> make(const std::filesystem::path& name);
  NewFile(NewFile&& other) noexcept;
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  const std::filesystem::path& part() const { return part_; }
  // Brings it to the disk and gives it its name; how many bytes it has.
  std::expected<std::uint64_t, std::string> finish() const;

 private:
  explicit NewFile(const std::filesystem::path& name) : name_(name), part_(name.string() + ".part") {}
  std::filesystem::path name_, part_;
};

// With what SQLite may have left beside it. What cannot be removed stays: its name says what it is.
void remove_database(const std::filesystem::path& file);

}  // namespace halley::storage
