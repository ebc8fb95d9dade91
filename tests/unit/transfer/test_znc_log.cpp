#include <fcntl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "bouncer/transfer/text_files.h"
#include "bouncer/transfer/text_log.h"
#include "bouncer/transfer/znc_log.h"
#include "tests/fakes/temp_directory.h"

using namespace halley;
using namespace halley::transfer;

namespace {

std::string words(std::string_view line) {
  const auto lines = znc_words(line, false);
  REQUIRE(lines.size() <= 1);
  return lines.empty() ? std::string() : lines[0];
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// The machine's zone, for the time of a test.
struct Zone {
  explicit Zone(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  ~Zone() {
    ::unsetenv("TZ");
    ::tzset();
  }
};

constexpr std::int64_t kMs = 1'795'363'685'123;  // 2026-11-22T16:08:05.123Z

mode_t mode_of(const std::filesystem::path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

}  // namespace

TEST_CASE("Lines of the log in the words of ZNC's log module") {
  CHECK(words(":ann!a@h PRIVMSG #c :hello  there") == "<ann> hello  there");
  CHECK(words(":ann!a@h PRIVMSG #c :\x01"
              "ACTION waves\x01") == "* ann waves");
  CHECK(words(":ann!a@h NOTICE #c :mind") == "-ann- mind");
  CHECK(words(":irc.test NOTICE kit :restarting") == "-irc.test- restarting");
  CHECK(words(":ann!a@h JOIN #c") == "*** Joins: ann (a@h)");
  CHECK(words(":ann!a@h PART #c :until then") == "*** Parts: ann (a@h) (until then)");
  CHECK(words(":ann!a@h PART #c") == "*** Parts: ann (a@h) ()");
  CHECK(words(":ann!a@h QUIT :gone") == "*** Quits: ann (a@h) (gone)");
  CHECK(words(":ann!a@h NICK :annie") == "*** ann is now known as annie");
  CHECK(words(":ann!a@h KICK #c bob :enough") == "*** bob was kicked by ann (enough)");
  CHECK(words(":ann!a@h MODE #c +ov bob carl") == "*** ann sets mode: +ov bob carl");
  CHECK(words(":ann!a@h TOPIC #c :On comets") == "*** ann changes topic to 'On comets'");
  CHECK(znc_words(":ann!a@h PRIVMSG #c :one\xe2\x80\xa8two", true) ==
        std::vector<std::string>{"<ann> one", "<ann> two"});
  for (const char* silent : {":ann!a@h PRIVMSG kit :\x01VERSION\x01", ":ann!a@h TAGMSG #c",
                             ":ann!a@h INVITE kit #c", ":ann!a@h REDACT #c 1", "", "nonsense"})
    CHECK(znc_words(silent, false).empty());
}

TEST_CASE("What is written as ZNC's logs is read again as such") {
  LocalTime zone;
  TextLog log(zone, {.year = 2026, .month = 11, .day = 22});
  ForeignLine line;
  const auto read = [&](std::string_view raw) {
    const std::string text = "[16:08:05] " + words(raw);
    REQUIRE(log.read(text, line) == TextLog::What::kLine);
    return std::tuple(line.kind, std::string(line.nick), std::string(line.text));
  };
  CHECK(read(":ann!a@h PRIVMSG #c :hello") == std::tuple(EventKind::kPrivmsg, "ann", "hello"));
  CHECK(read(":ann!a@h JOIN #c") == std::tuple(EventKind::kJoin, "ann", ""));
  CHECK(read(":ann!a@h QUIT :gone") == std::tuple(EventKind::kQuit, "ann", "gone"));
  CHECK(read(":ann!a@h NICK :annie") == std::tuple(EventKind::kNick, "ann", "annie"));
  CHECK(read(":ann!a@h KICK #c bob :enough") == std::tuple(EventKind::kKick, "ann", "enough"));
  CHECK(read(":ann!a@h MODE #c +o bob") == std::tuple(EventKind::kMode, "ann", "+o bob"));
  CHECK(read(":ann!a@h TOPIC #c :On comets") == std::tuple(EventKind::kTopic, "ann", "On comets"));
}

TEST_CASE("No name leads out of its folder, or is longer than file systems take") {
  CHECK(znc_window("#Halley") == "#halley");
  CHECK(znc_window("") == "status");
  CHECK(znc_window("#a/../b\\c\n\x7f") == "#a-..-b-c--");
  CHECK(znc_part("..") == "%2E.");
  CHECK(znc_part(".hidden") == "%2Ehidden");
  CHECK(znc_part("_.hidden") == "_.hidden");  // another user's
  CHECK(znc_part("") == "_");
  CHECK(znc_part("Kit") == "Kit");
  CHECK(znc_part(std::string(300, 'x')).size() == 200);
  CHECK(znc_part(std::string(199, 'x') + "\xc3\xa9").size() == 199);
}

TEST_CASE("A page is appended to the files of its windows and days, which are their owner's alone") {
  const Zone zone("Europe/Berlin");
  const fakes::TempDirectory directory;
  const auto folder = directory.path() / "logs";
  TextPage page({{kMs, "kit/libera/#c", ":ann!a@h PRIVMSG #c :one"},
                 {kMs, "kit/libera/#d", ":ann!a@h PRIVMSG #d :other"},
                 {kMs + 7 * 3'600'000, "kit/libera/#c", ":ann!a@h PRIVMSG #c :next day here"},
                 {kMs, "kit/libera/#c", ":ann!a@h TAGMSG #c"}});
  REQUIRE(page.write(folder));
  REQUIRE(page.write(folder));  // nothing is left of it
  TextPage more({{kMs + 1000, "kit/libera/#c", ":ann!a@h PRIVMSG #c :two"}});
  REQUIRE(more.write(folder));
  const auto file = folder / "kit/libera/#c/2026-11-22.log";
  CHECK(contents(file) == "[17:08:05] <ann> one\n[17:08:06] <ann> two\n");
  CHECK(contents(folder / "kit/libera/#c/2026-11-23.log") == "[00:08:05] <ann> next day here\n");
  CHECK(contents(folder / "kit/libera/#d/2026-11-22.log") == "[17:08:05] <ann> other\n");
  CHECK(mode_of(file) == 0600);
  CHECK(mode_of(file.parent_path()) == 0700);
  CHECK(mode_of(folder) == 0700);
}

TEST_CASE("What cannot be written is told, and written once when it can be") {
  const Zone zone("UTC");
  const fakes::TempDirectory directory;
  const auto folder = directory.path() / "logs";
  std::filesystem::create_directories(folder / "kit/net/#a/2026-11-22.log");  // in the way
  TextPage page(
      {{kMs, "kit/net/#a", ":ann!a@h PRIVMSG #a :of a"}, {kMs, "kit/net/#b", ":ann!a@h PRIVMSG #b :of b"}});
  const auto refused = page.write(folder);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error(), Catch::Contains("kit/net/#a/2026-11-22.log: Is a directory"));
  std::filesystem::remove(folder / "kit/net/#a/2026-11-22.log");
  REQUIRE(page.write(folder));
  CHECK(contents(folder / "kit/net/#a/2026-11-22.log") == "[16:08:05] <ann> of a\n");
  CHECK(contents(folder / "kit/net/#b/2026-11-22.log") == "[16:08:05] <ann> of b\n");
}

TEST_CASE("A text log follows no link out of its folder") {
  const Zone zone("UTC");
  const fakes::TempDirectory directory;
  const auto folder = directory.path() / "logs";
  std::filesystem::create_directories(folder / "kit/net/#a");
  std::ofstream(directory.path() / "precious") << "kept";
  std::filesystem::create_symlink(directory.path() / "precious", folder / "kit/net/#a/2026-11-22.log");
  TextPage page({{kMs, "kit/net/#a", ":ann!a@h PRIVMSG #a :of a"}});
  CHECK_FALSE(page.write(folder));
  CHECK(contents(directory.path() / "precious") == "kept");
}
