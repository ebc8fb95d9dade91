// A thread that does one errand on the whole database with connections of its own (storage/api/store.h:
// Errand), and ends.
//
// Thread: made and destroyed on the loop's; destroying it interrupts the errand and joins. Owner: the
// SqliteStore.
#pragma once

#include <atomic>
#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "storage/api/store.h"
#include "storage/open/work_watch.h"

namespace halley::storage {

class ErrandThread {
 public:
  using Done = std::function<void(std::expected<ErrandReport, std::string>)>;
  // Waits, on the new thread, until the database is as the errand wants it; an error: it will not be.
  using Ready = std::function<Status(WorkWatch&)>;
  // `answer` is called there once; so is the errand's on_progress, as often as WorkWatch says.
  ErrandThread(std::filesystem::path database, Errand errand, Ready ready, Done answer);
  ~ErrandThread();
  ErrandThread(const ErrandThread&) = delete;
  ErrandThread& operator=(const ErrandThread&) = delete;

  bool over() const { return over_.load(); }

 private:
  std::expected<ErrandReport, std::string> run(const Errand& errand, WorkWatch& watch);

  const std::filesystem::path database_;
  std::atomic<bool> stop_{false}, over_{false};
  std::thread thread_;
};

}  // namespace halley::storage
