// Files that users uploaded go with backups and exports, and come back with them.
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "storage/base/sqlite.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

namespace fs = std::filesystem;

std::expected<ErrandReport, std::string> copied(TestStore& test, Errand errand) {
  std::optional<std::expected<ErrandReport, std::string>> answer;
  test.store().run_errand(std::move(errand), [&answer](auto result) { answer = std::move(result); });
  while (!answer) test.queue().run_one();
  return *answer;
}

std::string bytes_of(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 31 + i / 251);
  return out;
}

void put(const fs::path& file, const std::string& bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream{file, std::ios::binary} << bytes;
}

std::string read(const fs::path& file) {
  std::ifstream stream{file, std::ios::binary};
  std::stringstream bytes;
  bytes << stream.rdbuf();
  return bytes.str();
}

std::size_t files_below(const fs::path& folder) {
  std::size_t count = 0;
  std::error_code none;
  for (const auto& entry : fs::recursive_directory_iterator(folder, none))
    count += entry.is_directory() ? 0 : 1;
  return count;
}

std::int64_t carried_in(const fs::path& database) {
  return Db(database, Db::OpenMode::kReadOnly).number("SELECT count(*) FROM carried_file");
}

const std::string kPicture = bytes_of(700'000);  // several pieces

// Users 1 and 2 with files, and what is none of theirs.
void fill(TestStore& test, const fs::path& data) {
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "one"}}, PutUser{{.id = 2, .name = "two"}}}));
  test.journal().append(said(kStart, "a line").view());
  const fs::path uploads = data / "uploads";
  put(uploads / "1" / "picture.png", kPicture);
  put(uploads / "1" / "empty.txt", "");
  put(uploads / "2" / "note.txt", "of two");
  REQUIRE(::utimensat(AT_FDCWD, (uploads / "2" / "note.txt").c_str(),
                      std::array<timespec, 2>{timespec{.tv_sec = 1'000'000'000, .tv_nsec = 0},
                                              timespec{.tv_sec = 1'000'000'000, .tv_nsec = 0}}
                          .data(),
                      0) == 0);
  put(uploads / "1" / "half.png.part", "on its way");
  put(uploads / "77" / "nobodys.txt", "of a user who is gone");
  put(uploads / "strange" / "file.txt", "no user's");
  fs::create_symlink(data / "halley.db", uploads / "1" / "link.txt");
  fs::create_directory(uploads / "1" / "folder.txt");
}

void expect_files_of_one(const fs::path& folder) {
  CHECK(read(folder / "picture.png") == kPicture);
  CHECK(fs::exists(folder / "empty.txt"));
  CHECK(read(folder / "empty.txt").empty());
  CHECK(files_below(folder) == 2);
}

}  // namespace

TEST_CASE("a backup has the files of users in it, and they are back when Halley starts from it") {
  const fakes::TempDirectory directory, elsewhere;
  TestStore test{directory.path()};
  fill(test, directory.path());
  const auto made = copied(test, {.what = Errand::What::kBackup, .file = elsewhere / "halley.db"});
  if (!made) FAIL(made.error());
  CHECK(made->files == 3);
  CHECK(made->bytes == fs::file_size(elsewhere / "halley.db"));
  CHECK(carried_in(elsewhere / "halley.db") == 3);

  TestStore restored{elsewhere.path()};
  CHECK(restored.notices().empty());
  const fs::path uploads = elsewhere / "uploads";
  expect_files_of_one(uploads / "1");
  CHECK(read(uploads / "2" / "note.txt") == "of two");
  struct stat status {};
  REQUIRE(::stat((uploads / "2" / "note.txt").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(status.st_mtime == 1'000'000'000);
  for (const fs::path& folder : {uploads, uploads / "2"}) {
    REQUIRE(::stat(folder.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
  }
  CHECK(files_below(uploads) == 3);
  // From then on it is a database like others: what is removed does not come back.
  fs::remove(uploads / "2" / "note.txt");
  restored.reopen();
  CHECK(files_below(uploads) == 2);
  restored.close();
  CHECK(carried_in(elsewhere / "halley.db") == 0);
}

TEST_CASE("files of a backup that cannot be laid out are told of, and tried again at the next start") {
  const fakes::TempDirectory directory, elsewhere;
  TestStore test{directory.path()};
  fill(test, directory.path());
  REQUIRE(copied(test, {.what = Errand::What::kBackup, .file = elsewhere / "halley.db"}));
  const fs::path uploads = elsewhere / "uploads";
  put(uploads, "a file where the folder is to be");
  TestStore restored{elsewhere.path()};
  REQUIRE(restored.notices().size() == 1);
  CHECK_THAT(restored.notices()[0], Catch::Contains("uploaded files"));
  CHECK(restored.loaded().users.size() == 2);
  // What a start left half there, and what it had laid out already, when it was killed.
  fs::remove(uploads);
  put(uploads / "1" / "picture.png.part", "half");
  put(uploads / "1" / "empty.txt", "");
  REQUIRE(restored.commit({RemoveUser{2}}));
  restored.reopen();
  CHECK(restored.notices().empty());
  expect_files_of_one(uploads / "1");
  CHECK_FALSE(fs::exists(uploads / "2"));
}

TEST_CASE("an export has its user's files in it, and an import lays them out") {
  const fakes::TempDirectory directory, elsewhere;
  const fs::path file = elsewhere / "one.db";
  TestStore test{directory.path()};
  fill(test, directory.path());
  const auto made = copied(test, {.what = Errand::What::kExport, .file = file, .user = 1});
  if (!made) FAIL(made.error());
  CHECK(made->files == 2);
  // A name in a file that somebody else wrote leads nowhere.
  Db(file, Db::OpenMode::kReadWrite)
      .exec(
          "INSERT INTO carried_file (user, name, time_ms, bytes) VALUES (1, '../../evil', 0, x'00'), "
          "(1, '.', 0, x'00'), (1, '', 0, x'00'), (1, '/evil', 0, x'00'), (1, 'evil' || char(0), 0, x'00')");
  test.close();
  const auto imported = import_user({.directory = directory.path()}, file, "again", {});
  if (!imported) FAIL(imported.error());
  expect_files_of_one(directory / "uploads" / std::to_string(imported->user.id));
  CHECK_FALSE(fs::exists(directory / "evil"));
  CHECK(carried_in(directory / "halley.db") == 0);

  // Where there is no room for them nobody is imported.
  fs::remove_all(directory / "uploads");
  put(directory / "uploads", "a file where the folder is to be");
  CHECK_FALSE(import_user({.directory = directory.path()}, file, "third", {}));
  test.open();
  CHECK(test.loaded().users.size() == 3);
}

}  // namespace halley::storage
