#include <fstream>

#include "bouncer/transfer/log_files.h"
#include "bouncer/transfer/read_file.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/transfer/transfer_bench.h"

using namespace halley;
using namespace halley::transfer;

namespace {

std::string found(const char* path) {
  const LogFile file = log_file(path);
  return fmt::format("{} {}-{}-{}", file.target, file.date.year, file.date.month, file.date.day);
}

// Takes all, and keeps it.
struct KeptLines final : storage::LogImport {
  std::expected<std::vector<storage::BufferRow>, std::string> buffers(UserId user) override {
    (void)user;
    return {};
  }
  std::expected<BufferId, std::string> make_buffer(UserId user, NetworkId network,
                                                   std::string_view name) override {
    (void)user, (void)network;
    names.emplace_back(name);
    return static_cast<BufferId>(names.size());
  }
  std::expected<Added, std::string> add(const storage::Event& event) override {
    lines.emplace_back(event.line);
    return Added::kNew;
  }
  storage::Status lines_between(UserId user, BufferId buffer, std::int64_t from_ms, std::int64_t to_ms,
                                const OnLine& on_line) override {
    (void)user, (void)buffer, (void)from_ms, (void)to_ms, (void)on_line;
    return {};
  }
  std::uint64_t looked_at() const override { return 0; }
  storage::Status finish() override { return {}; }
  std::vector<std::string> names, lines;
};

}  // namespace

TEST_CASE("a file's name tells whose lines it holds, and of which day") {
  CHECK(found("#comet/2024-01-31.log") == "#comet 2024-1-31");  // ZNC, soju, catgirl
  CHECK(found("ann/2024-01-31.log") == "ann 2024-1-31");
  CHECK(found("status/2024-01-31.log") == " 2024-1-31");
  CHECK(found("#comet_20130405.log") == "#comet 2013-4-5");  // ZNC of old
  CHECK(found("kit_libera_#co_met_20130405.log") == "#co_met 2013-4-5");
  CHECK(found("#comet.log") == "#comet 0-0-0");  // irssi, HexChat, mIRC
  CHECK(found("ann.log") == "ann 0-0-0");
  CHECK(found("#comet.20240131.log") == "#comet 2024-1-31");
  CHECK(found("irc.libera.#comet.weechatlog") == "#comet 0-0-0");
  CHECK(found("irc.libera.ann.weechatlog") == "ann 0-0-0");
  CHECK(found("irc.server.libera.weechatlog") == " 0-0-0");
  CHECK(found("2024-01/#comet.31.log") == "#comet 2024-1-31");  // bip
  CHECK(found("##comet/2024-01-31.log") == "##comet 2024-1-31");
  CHECK(found("99999999.log") == "99999999 0-0-0");
}

TEST_CASE("logs are found below a folder in the order of their days, links are not followed") {
  const fakes::TempDirectory directory;
  const auto write = [&](const char* name, const char* text) {
    const auto path = directory / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  };
  write("logs/#b/2024-01-02.log", "");
  write("logs/#a/2024-01-02.log", "");
  write("logs/#a/2023-12-31.log", "");
  write("secret.log", "");
  std::filesystem::create_symlink(directory / "secret.log", directory / "logs/#a/2020-01-01.log");
  ImportReport report;
  const auto files = log_files(directory / "logs", report);
  REQUIRE(files);
  REQUIRE(files->size() == 3);
  CHECK((*files)[0].path.string().ends_with("#a/2023-12-31.log"));
  CHECK((*files)[2].target == "#b");
  CHECK(report.remarks.empty());
  CHECK_FALSE(log_files(directory / "nowhere", report));
  CHECK(log_files(directory / "logs", report, 2)->size() == 2);
  REQUIRE(report.remarks.size() == 1);
  CHECK_THAT(report.remarks[0], Catch::Contains("more than 2 files"));
}

TEST_CASE("remarks are bounded, and counted beyond that") {
  ImportReport report;
  for (std::size_t i = 0; i < ImportReport::kMostRemarks + 7; ++i) report.remark("x");
  CHECK(report.remarks.size() == ImportReport::kMostRemarks);
  CHECK(report.further_remarks == 7);
}

TEST_CASE("lines, names and files that are too long are not read whole") {
  const fakes::TempDirectory directory;
  const std::string longest = "[12:34:56] <ann> " + std::string(kMaxLogLine - 17, 'x');
  std::ofstream(directory / "#comet_20240131.log") << longest << '\n'
                                                   << longest << "x\n"
                                                   << "[12:34:57] <ann> behind it\n[12:34:58] <ann> no end";
  ImportReport report;
  KeptLines kept;
  LogSink sink(kept, report, nullptr);
  REQUIRE(sink.begin(1, 1));
  REQUIRE(import_log_files(directory.path(), "kit", sink, report));
  REQUIRE(kept.lines.size() == 3);
  CHECK(kept.lines[1] == ":ann PRIVMSG #comet :behind it");
  CHECK(kept.lines[2] == ":ann PRIVMSG #comet :no end");
  CHECK((report.lines == 3 && report.unreadable_lines == 1));
  CHECK_THAT(report.remarks.at(0), Catch::Contains("1 line was not understood"));

  // A soju's or a Lounge's target may be anything: what no client could name again is not taken.
  const std::string name = "#" + std::string(255, 'x');
  for (const std::string& target : {name, name + "x", std::string("#two words"), std::string("#a,#b")})
    REQUIRE(sink.add({.time_ms = 1, .nick = "ann", .text = "hi"}, {target, "kit"}));
  CHECK(kept.names == std::vector<std::string>{"#comet", name});
  CHECK(report.unreadable_lines == 4);

  std::ofstream(directory / "file") << "short";
  CHECK(read_file(directory / "file").value() == "short");
  std::filesystem::resize_file(directory / "file", kMaxFile);
  CHECK(read_file(directory / "file").value().size() == kMaxFile);
  std::filesystem::resize_file(directory / "file", kMaxFile + 1);
  CHECK_THAT(read_file(directory / "file").error(), Catch::Contains("larger than 16 MiB"));
  CHECK_THAT(read_file(directory / "nothing").error(), Catch::Contains("cannot be read"));
  CHECK_THAT(read_file(directory.path()).error(), Catch::Contains("cannot be read"));
}
