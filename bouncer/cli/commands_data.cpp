// backup, export and reindex: copies of what is kept, and what follows from it. Restoring a backup is putting
// it back, see halley(1).
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/text_table.h"
#include "bouncer/transfer/text_export.h"
#include "bouncer/transfer/znc_log.h"

namespace halley::cli {
namespace {

using Report = std::expected<storage::ErrandReport, std::string>;

// The file is there: what it is, and what to know of it.
void copy_to_file(CommandCall& call, storage::Errand errand, const std::string& remark, CommandDone done) {
  const std::string file = errand.file.string();
  errand.on_progress = call.on_progress;
  call.environment.store.run_errand(
      std::move(errand), [file, remark, done = std::move(done)](const Report& report) {
        if (!report) return done(CommandResult::refuse(report.error()));
        const std::string files =
            report->files == 0 ? std::string() : counted(report->files, "uploaded file") + ", ";
        done(CommandResult::done(
            fmt::format("{}: {}, {}{}, checked.{}", file, counted(report->events, "line"), files,
                        format_bytes(report->bytes), remark),
            {{"file", file}, {"lines", report->events}, {"files", report->files}, {"bytes", report->bytes}}));
      });
}

// A folder of plain-text logs: the store gives the lines, what they look like is known here.
void export_text(CommandCall& call, UserId user, CommandDone done) {
  std::unordered_map<NetworkId, std::string> networks;
  for (const auto* network : call.accounts().networks(user))
    networks.emplace(network->id, transfer::znc_part(network->name));
  storage::Store& store = call.environment.store;
  store.read_buffers(user, [&store, user, networks = std::move(networks), folder = call.parsed.text("FILE"),
                            on_progress = call.on_progress, done = std::move(done)](
                               const std::expected<std::vector<storage::BufferRow>, std::string>& buffers) {
    if (!buffers) return done(CommandResult::refuse(buffers.error()));
    transfer::TextExport::Windows windows;
    for (const storage::BufferRow& buffer : *buffers) {
      if (const auto network = networks.find(buffer.network); network != networks.end())
        windows.emplace(buffer.id, network->second + "/" + transfer::znc_window(buffer.name));
    }
    auto taker = std::make_shared<transfer::TextExport>(folder, std::move(windows));
    const auto lines = taker->lines();
    store.run_errand(
        {.what = storage::Errand::What::kLog,
         .user = user,
         .taker = std::move(taker),
         .on_progress = on_progress},
        [folder, lines, done](const Report& report) {
          if (!report) return done(CommandResult::refuse(report.error()));
          done(CommandResult::done(
              fmt::format("{}: {}, for reading; they can be imported as logs (import-logs), but "
                          "nothing else of the account is in them: for that --format jsonl or sqlite",
                          folder, counted(*lines, "line")),
              {{"file", folder}, {"lines", *lines}}));
        });
  });
}

}  // namespace

void backup(CommandCall& call, CommandDone done) {
  copy_to_file(call, {.what = storage::Errand::What::kBackup, .file = call.parsed.text("FILE")},
               fmt::format(" The key {} is not in it: keep that apart.",
                           (call.environment.config.data_dir / "halley.key").string()),
               std::move(done));
}

void export_user(CommandCall& call, CommandDone done) {
  const UserId user = call.accounts().find_user(call.user)->id;
  const std::string format = call.parsed.optional("format").value_or("sqlite");
  if (format == "text") return export_text(call, user, std::move(done));
  if (format != "sqlite" && format != "jsonl")
    return done(CommandResult::usage(
        fmt::format("there is no format \"{}\"; there are sqlite, jsonl and text", format)));
  copy_to_file(
      call,
      {.what = format == "jsonl" ? storage::Errand::What::kExportLines : storage::Errand::What::kExport,
       .file = call.parsed.text("FILE"),
       .user = user},
      " Web logins are not in it; networks' passwords can be read only where halley.key is the same.",
      std::move(done));
}

void reindex(CommandCall& call, CommandDone done) {
  storage::Store& store = call.environment.store;
  store.run_errand({.what = storage::Errand::What::kReindex, .on_progress = call.on_progress},
                   [&store, done = std::move(done)](const Report& report) {
                     if (!report) return done(CommandResult::refuse(report.error()));
                     const std::uint64_t lines = store.figures().events;
                     done(CommandResult::done(
                         fmt::format("the index of words is built anew, of {}", counted(lines, "line")),
                         {{"lines", lines}}));
                   });
}

}  // namespace halley::cli
