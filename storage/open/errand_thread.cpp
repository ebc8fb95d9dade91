#include "storage/open/errand_thread.h"

#include <utility>

#include "storage/base/priority.h"
#include "storage/base/sqlite.h"
#include "storage/open/copies.h"
#include "storage/open/walk_log.h"
#include "storage/open/whole_log.h"
#include "storage/read/reader.h"

namespace halley::storage {
namespace {

std::expected<ErrandReport, std::string> give_log(const std::filesystem::path& database, UserId user,
                                                  LogTaker& taker, WorkWatch& watch) {
  require_whole_log(database, user, watch);
  Reader reader{database};
  ErrandReport report;
  Status taken;
  const bool whole = walk_log(reader, user, watch, "lines written", [&](const Page& page) {
    report.events += page.events.size();
    taken = taker.take(page);
    return taken.has_value();
  });
  if (taken && !whole) taken = std::unexpected("Halley was stopped meanwhile; nothing was written");
  if (taken) taken = taker.finish();
  if (!taken) return std::unexpected(taken.error());
  return report;
}

}  // namespace

ErrandThread::ErrandThread(std::filesystem::path database, Errand errand, Ready ready, Done answer)
    : database_(std::move(database)),
      thread_(
          [this, errand = std::move(errand), ready = std::move(ready), answer = std::move(answer)]() mutable {
            give_way();
            WorkWatch watch{stop_, errand.on_progress};
            const Status is_ready = ready(watch);
            auto report = is_ready ? run(errand, watch) : std::unexpected(is_ready.error());
            errand.taker.reset();  // what it leaves undone is gone when that is told
            over_.store(true);
            answer(std::move(report));
          }) {}

ErrandThread::~ErrandThread() {
  stop_.store(true);
  thread_.join();
}

std::expected<ErrandReport, std::string> ErrandThread::run(const Errand& errand, WorkWatch& watch) {
  try {
    switch (errand.what) {
      case Errand::What::kBackup:
        return copy_database(database_, errand.file, watch);
      case Errand::What::kExport:
        return export_user(database_, errand.user, errand.file, watch);
      case Errand::What::kExportLines:
        return export_user_lines(database_, errand.user, errand.file, watch);
      case Errand::What::kLog:
        return give_log(database_, errand.user, *errand.taker, watch);
      case Errand::What::kReindex:
      case Errand::What::kSettle:
        return ErrandReport{};  // it is done
      case Errand::What::kCheck:
        break;
    }
    ErrandReport report;
    report.problems = problems_of(database_, watch);
    report.index_problem = index_problem_of(database_, watch);
    return report;
  } catch (const SqliteError& error) {
    return std::unexpected(std::string{error.what()});
  }
}

}  // namespace halley::storage
