// backup and export: copies of what is kept. Restoring a backup is putting it back, see halley(1).
#include <fmt/format.h>

#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/text_table.h"

namespace halley::cli {
namespace {

// The file is there: what it is, and what to know of it.
void copy_to_file(CommandCall& call, storage::Errand errand, const std::string& remark, CommandDone done) {
  const std::string file = errand.file.string();
  errand.on_progress = call.on_progress;
  call.environment.store.run_errand(
      std::move(errand), [file, remark, done = std::move(done)](
                             const std::expected<storage::ErrandReport, std::string>& report) {
        if (!report) return done(CommandResult::refuse(report.error()));
        const std::string files =
            report->files == 0 ? std::string() : fmt::format("{} uploaded files, ", report->files);
        done(CommandResult::done(
            fmt::format("{}: {} lines, {}{}, checked.{}", file, report->events, files,
                        format_bytes(report->bytes), remark),
            {{"file", file}, {"lines", report->events}, {"files", report->files}, {"bytes", report->bytes}}));
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
  copy_to_file(
      call,
      {.what = storage::Errand::What::kExport,
       .file = call.parsed.text("FILE"),
       .user = call.accounts().find_user(call.user)->id},
      " Web logins are not in it; networks' passwords can be read only where halley.key is the same.",
      std::move(done));
}

}  // namespace halley::cli
