#include "storage/open/errand_thread.h"

#include <utility>

#include "storage/base/priority.h"
#include "storage/base/sqlite.h"
#include "storage/open/copies.h"

namespace halley::storage {

ErrandThread::ErrandThread(std::filesystem::path database, Errand errand, std::function<bool()> settled,
                           Done answer)
    : database_(std::move(database)),
      thread_([this, errand = std::move(errand), settled = std::move(settled), answer = std::move(answer)] {
        give_way();
        std::expected<ErrandReport, std::string> report =
            std::unexpected("the database cannot be brought up to date; see status, and try again");
        if (settled()) report = run(errand);
        over_.store(true);
        answer(std::move(report));
      }) {}

ErrandThread::~ErrandThread() {
  stop_.store(true);
  thread_.join();
}

std::expected<ErrandReport, std::string> ErrandThread::run(const Errand& errand) {
  try {
    switch (errand.what) {
      case Errand::What::kBackup:
        return copy_database(database_, errand.file, stop_);
      case Errand::What::kExport:
        return export_user(database_, errand.user, errand.file, stop_);
      case Errand::What::kSettle:
        return ErrandReport{};  // it is settled
      case Errand::What::kCheck:
        break;
    }
    return ErrandReport{.problems = problems_of(database_, stop_)};
  } catch (const SqliteError& error) {
    return std::unexpected(std::string{error.what()});
  }
}

}  // namespace halley::storage
