// A user's log as a folder of plain text.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "bouncer/core/event_kind.h"
#include "bouncer/transfer/text_export.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"

using namespace halley;
using storage::kStart;
using transfer::TextExport;

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream stream{file};
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

storage::Sample line(storage::EventId second, EventKind kind, std::string text,
                     std::vector<BufferId> buffers) {
  storage::Sample sample = storage::said(kStart + 1'000'000 * second, "");
  sample.kind = static_cast<std::uint8_t>(kind);
  sample.line = std::move(text);
  sample.buffers = std::move(buffers);
  return sample;
}

storage::Status give(TextExport& text, const std::vector<storage::Sample>& samples) {
  storage::Page page;
  for (const auto& sample : samples) page.events.push_back(sample.view());
  return text.take(page);
}

mode_t mode_of(const fs::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

// The files, whatever zone the machine is in.
std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (!entry.is_directory()) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

const TextExport::Windows kWindows{{7, "libera/#comet"}, {8, "libera/ann"}};

}  // namespace

TEST_CASE("a text export stands under its name when it is whole, closed to others") {
  const fakes::TempDirectory directory;
  const fs::path folder = directory / "kit";
  const std::string end = GENERATE("", "/");
  {
    TextExport text(folder.string() + end, kWindows);
    REQUIRE(give(text, {line(1, EventKind::kPrivmsg, ":ann!a@h PRIVMSG #comet :hello", {7}),
                        line(2, EventKind::kQuit, ":ann!a@h QUIT :gone", {7, 8}),
                        line(3, EventKind::kPrivmsg, ":bob!a@h PRIVMSG kit :of no window", {9})}));
    CHECK_FALSE(fs::exists(folder));
    REQUIRE(give(text, {line(4, EventKind::kPrivmsg, ":ann!a@h PRIVMSG #comet :later", {7})}));
    REQUIRE(text.finish());
  }
  CHECK_FALSE(fs::exists(directory / "kit.part"));
  const auto files = files_of(folder);
  REQUIRE(files.size() == 2);
  CHECK_THAT(text_of(files[0]), Catch::Contains("] <ann> hello\n") &&
                                    Catch::Contains("] *** Quits: ann (a@h) (gone)\n") &&
                                    Catch::EndsWith("] <ann> later\n"));
  CHECK(files[0].parent_path() == folder / "libera" / "#comet");
  CHECK_THAT(text_of(files[1]), Catch::Contains("*** Quits: ann"));
  CHECK(mode_of(folder) == 0700);
  CHECK(mode_of(folder / "libera" / "#comet") == 0700);
  CHECK(mode_of(files[0]) == 0600);
}

TEST_CASE("a text export that is not finished leaves nothing, and takes nobody's place") {
  const fakes::TempDirectory directory;
  const fs::path folder = directory / "kit";
  const auto hello = line(1, EventKind::kPrivmsg, ":ann!a@h PRIVMSG #comet :hello", {7});
  {
    TextExport text(folder, kWindows);
    REQUIRE(give(text, {hello}));
    CHECK(fs::exists(directory / "kit.part"));
    // Another one at the same time leaves this one alone.
    TextExport second(folder, kWindows);
    CHECK_THAT(give(second, {hello}).error(), Catch::Contains("kit.part is there"));
  }
  CHECK(fs::is_empty(directory.path()));
  {
    TextExport text(folder, kWindows);
    REQUIRE(give(text, {hello}));
    fs::create_directory(folder);
    CHECK_THAT(text.finish().error(), Catch::Contains("cannot give"));
  }
  CHECK(fs::is_empty(folder));
  TextExport late(folder, kWindows);
  CHECK_THAT(late.finish().error(), Catch::Contains("there already"));
  TextExport nowhere(directory.path() / "no" / "kit", kWindows);
  CHECK_THAT(nowhere.finish().error(), Catch::Contains("sandbox.write"));
}

TEST_CASE("of a text export 2,000 lines are in memory, and none is missing or out of order") {
  const fakes::TempDirectory directory;
  TextExport text(directory / "kit", kWindows);
  std::vector<storage::Sample> samples;
  for (std::size_t i = 0; i < 2 * TextExport::kMostExportedLines + 5; ++i)
    samples.push_back(line(1, EventKind::kPrivmsg, ":ann!a@h PRIVMSG #comet :" + std::to_string(i), {7}));
  REQUIRE(give(text, samples));
  REQUIRE(text.finish());
  const auto files = files_of(directory / "kit");
  REQUIRE(files.size() == 1);
  std::istringstream lines{text_of(files[0])};
  std::size_t next = 0;
  for (std::string one; std::getline(lines, one); ++next)
    CHECK(one.substr(11) == "<ann> " + std::to_string(next));
  CHECK(next == samples.size());
}

TEST_CASE(
    "A folder gets a new name where the file system has no rename that sees to it, and no other's place") {
  const fakes::TempDirectory directory;
  const auto make = [&](const char* name) {
    std::filesystem::create_directory(directory / name);
    std::ofstream(directory / name / "file") << name;
  };
  make("part");
  REQUIRE(transfer::rename_to_new(directory / "part", directory / "whole"));
  CHECK(std::filesystem::exists(directory / "whole" / "file"));
  CHECK_FALSE(std::filesystem::exists(directory / "part"));
  make("part");
  std::filesystem::create_directory(directory / "empty");
  for (const char* taken : {"whole", "empty"}) {
    CHECK_FALSE(transfer::rename_to_new(directory / "part", directory / taken));
    CHECK(errno == EEXIST);
    CHECK(std::filesystem::exists(directory / "part" / "file"));
  }
  CHECK(std::filesystem::is_empty(directory / "empty"));
  // What cannot be renamed leaves no empty folder behind.
  CHECK_FALSE(transfer::rename_to_new(directory / "nothing", directory / "new"));
  CHECK(errno == ENOENT);
  CHECK_FALSE(std::filesystem::exists(directory / "new"));
}
