#include "bouncer/cli/import_others.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "bouncer/cli/offline.h"
#include "bouncer/cli/open_files.h"
#include "bouncer/cli/progress_line.h"
#include "bouncer/cli/text_table.h"
#include "bouncer/transfer/log_files.h"
#include "bouncer/transfer/lounge.h"
#include "bouncer/transfer/read_file.h"
#include "bouncer/transfer/soju.h"
#include "bouncer/transfer/znc_config.h"
#include "storage/api/foreign_database.h"
#include "storage/api/log_import.h"

namespace halley::cli {
namespace {

namespace fs = std::filesystem;
using Done = std::expected<void, std::string>;
using transfer::ForeignUser;
using transfer::ImportReport;
using transfer::LogSink;
using transfer::Places;

// One that cannot be looked at is none: reading from it says why.
bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// A source of accounts and lines. Which steps it has is the source's.
class Source {
 public:
  virtual ~Source() = default;
  virtual std::expected<std::vector<ForeignUser>, std::string> users(ImportReport& report) = 0;
  virtual Done lines(const Places& places, LogSink& sink, ImportReport& report) = 0;
};

class Znc final : public Source {
 public:
  // The configuration, or ZNC's folder.
  explicit Znc(const fs::path& given)
      : file_(is_folder(given) ? given / "configs" / "znc.conf" : given),
        folder_(is_folder(given) ? given : given.parent_path().parent_path()) {}

  std::expected<std::vector<ForeignUser>, std::string> users(ImportReport& report) override {
    const auto text = transfer::read_file(file_);
    if (!text) return std::unexpected(text.error());
    auto users = transfer::parse_znc_config(*text, report);
    if (!users) return std::unexpected(fmt::format("{}: {}", file_.string(), users.error()));
    transfer::add_znc_modules(folder_, *users, report);
    return users;
  }
  Done lines(const Places& places, LogSink& sink, ImportReport& report) override {
    for (const auto& [keys, placed] : places) {
      for (const fs::path& folder : transfer::znc_log_folders(folder_, keys.first, keys.second)) {
        if (auto begun = sink.begin(placed.user, placed.network); !begun) return begun;
        if (auto done = transfer::import_log_files(folder, placed.nick, sink, report); !done) return done;
      }
    }
    return {};
  }

 private:
  const fs::path file_, folder_;
};

class Soju final : public Source {
 public:
  Soju(fs::path file, fs::path logs) : file_(std::move(file)), logs_(std::move(logs)) {}

  std::expected<std::vector<ForeignUser>, std::string> users(ImportReport& report) override {
    auto opened = storage::ForeignDatabase::open(file_);
    if (!opened) return std::unexpected(opened.error());
    database_ = std::move(*opened);
    auto users = transfer::read_soju_accounts(*database_, report);
    if (!users) return std::unexpected(fmt::format("{}: {}", file_.string(), users.error()));
    for (const ForeignUser& user : *users) {
      for (const auto& network : user.networks) folders_[{user.key, network.key}] = {user.name, network.name};
    }
    return users;
  }
  Done lines(const Places& places, LogSink& sink, ImportReport& report) override {
    if (auto done = transfer::import_soju_messages(*database_, places, sink, report); !done) return done;
    if (logs_.empty()) return {};
    for (const auto& [keys, placed] : places) {
      const auto& [user, network] = folders_[keys];
      const fs::path folder = transfer::soju_log_folder(logs_, user, network);
      if (!is_folder(folder)) continue;
      if (auto begun = sink.begin(placed.user, placed.network); !begun) return begun;
      if (auto done = transfer::import_log_files(folder, placed.nick, sink, report); !done) return done;
    }
    return {};
  }

 private:
  const fs::path file_, logs_;
  std::unique_ptr<storage::ForeignDatabase> database_;
  std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>> folders_;
};

class Lounge final : public Source {
 public:
  explicit Lounge(fs::path folder) : folder_(std::move(folder)) {}

  std::expected<std::vector<ForeignUser>, std::string> users(ImportReport& report) override {
    auto users = transfer::read_lounge_users(folder_, report);
    if (users) users_ = *users;
    return users;
  }
  Done lines(const Places& places, LogSink& sink, ImportReport& report) override {
    return transfer::import_lounge_logs(folder_, users_, places, sink, report);
  }

 private:
  const fs::path folder_;
  std::vector<ForeignUser> users_;
};

CommandResult answer(const ImportReport& report) {
  std::string text = fmt::format("{}, {}, {} and {} were added", counted(report.users, "user"),
                                 counted(report.networks, "network"), counted(report.channels, "channel"),
                                 counted(report.lines, "line"));
  if (report.files > 0) text += ", of " + counted(report.files, "file");
  if (report.known_lines > 0)
    text += fmt::format("; {} there already", counted_were(report.known_lines, "line"));
  if (report.unreadable_lines > 0)
    text += fmt::format("; {} could not be taken", counted(report.unreadable_lines, "line"));
  text += ".";
  for (const std::string& remark : report.remarks) text += "\n- " + remark;
  if (report.further_remarks > 0) text += fmt::format("\n- and {} more of that kind", report.further_remarks);
  return CommandResult::done(std::move(text), {{"users", report.users},
                                               {"networks", report.networks},
                                               {"channels", report.channels},
                                               {"lines", report.lines},
                                               {"known_lines", report.known_lines},
                                               {"unreadable_lines", report.unreadable_lines},
                                               {"files", report.files},
                                               {"remarks", report.remarks},
                                               {"further_remarks", report.further_remarks}});
}

// Accounts first, in one transaction; then, with the store closed, their lines.
std::expected<Places, std::string> import_accounts(const Config& config, Source& source,
                                                   ImportReport& report) {
  const auto users = source.users(report);
  if (!users) return std::unexpected(users.error());
  const auto files = OpenFiles::open(config);
  if (!files) return std::unexpected(files.error());
  Places places = transfer::put_accounts((*files)->accounts(), *users, report);
  if (const auto done = (*files)->flush(); !done) return std::unexpected(done.error());
  return places;
}

std::expected<Places, std::string> place_of(const Config& config, const ParsedCommand& parsed) {
  const auto files = OpenFiles::open(config);
  if (!files) return std::unexpected(files.error());
  const auto network = (*files)->accounts().require_network(parsed.text("USER"), parsed.text("NETWORK"));
  if (!network) return std::unexpected(network.error());
  return Places{{{"", ""}, {(*network)->user, (*network)->id, (*network)->nick}}};
}

Done import_lines(const Config& config, ImportReport& report, const std::function<Done(LogSink&)>& read) {
  const net::SystemClock clock;
  const auto import = storage::LogImport::open(store_options(config), clock.wall_us() / 1000);
  if (!import) return std::unexpected(import.error());
  Done done;
  {
    ProgressLine progress;
    LogSink sink(**import, report,
                 [&progress](std::uint64_t lines) { progress.show({.what = "lines read", .done = lines}); });
    done = read(sink);
  }
  // What was taken stays, whatever came then.
  const Done finished = (*import)->finish();
  return done ? finished : done;
}

std::unique_ptr<Source> source_of(const ParsedCommand& parsed) {
  const fs::path path = parsed.text("PATH");
  if (parsed.command().words == "import-znc") return std::make_unique<Znc>(path);
  if (parsed.command().words == "import-soju") return std::make_unique<Soju>(path, parsed.text("logs"));
  return std::make_unique<Lounge>(path);
}

}  // namespace

CommandResult run_foreign_import(const Config& config, const ParsedCommand& parsed) {
  if (std::string why = foreign_owner(config.data_dir); !why.empty())
    return CommandResult::refuse(std::move(why));
  ImportReport report;
  const fs::path path = parsed.text("PATH");
  Done done;
  if (parsed.command().words == "import-logs") {
    if (!fs::exists(config.data_dir / "halley.db"))
      return CommandResult::refuse(
          fmt::format("there are no data of Halley's in {}", config.data_dir.string()));
    const auto place = place_of(config, parsed);
    if (!place) return CommandResult::refuse(place.error());
    const transfer::Placed& placed = place->begin()->second;
    done = import_lines(config, report, [&](LogSink& sink) -> Done {
      if (auto begun = sink.begin(placed.user, placed.network); !begun) return begun;
      return transfer::import_log_files(path, placed.nick, sink, report);
    });
  } else {
    const auto source = source_of(parsed);
    const auto places = import_accounts(config, *source, report);
    if (!places) return CommandResult::refuse(places.error());
    done = import_lines(config, report, [&](LogSink& sink) { return source->lines(*places, sink, report); });
  }
  if (!done)
    return CommandResult::refuse(
        fmt::format("{}; {} taken before that, and passed over when it is done again", done.error(),
                    counted_were(report.lines, "line")));
  return answer(report);
}

}  // namespace halley::cli
