// The store's files, opened by a program that runs one command while no daemon has them. Blocking: what the
// store's threads post is run on the caller's thread while it waits.
//
// Owner and thread: the program that runs the command.
#pragma once

#include <condition_variable>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/damage_reports.h"
#include "bouncer/config/config.h"
#include "bouncer/core/durable_state.h"
#include "bouncer/core/user_audits.h"
#include "bouncer/net/system_clock.h"
#include "bouncer/net/system_random.h"
#include "storage/api/store.h"

namespace halley::cli {

// Stands for the loop.
class Postbox {
 public:
  void post(std::function<void()> run) {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(run));
    filled_.notify_one();
  }
  // REQUIRES: called by the thread that made it, and not from what was posted.
  template <typename Done>
  void run_until(Done&& done) {
    while (!done()) {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return !posted_.empty(); });
      const auto posted = std::exchange(posted_, {});
      lock.unlock();
      for (const auto& run : posted) run();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<std::function<void()>> posted_;
};

// The store of this configuration, for whoever opens it without a daemon.
storage::StoreOptions store_options(const Config& config);

class OpenFiles {
 public:
  // kNone: what is sealed stays so, and no key file is made: for whoever only looks.
  enum class WithKey { kTheirs, kNone };
  static std::expected<std::unique_ptr<OpenFiles>, std::string> open(const Config& config,
                                                                     WithKey with_key = WithKey::kTheirs);

  Accounts& accounts() { return *accounts_; }
  storage::Store& store() { return *open_.store; }
  const Sealer& sealer() const { return *sealer_; }
  DamageReports& damage() { return *damage_; }
  Postbox& postbox() { return postbox_; }
  net::SystemRandom& random() { return random_; }
  const net::SystemClock& clock() const { return clock_; }

  // Commits what was changed of the accounts, and waits until it is on the disk.
  storage::Status flush();

 private:
  OpenFiles() = default;

  net::SystemClock clock_;
  net::SystemRandom random_;
  Postbox postbox_;
  storage::OpenStore open_;
  std::optional<DurableState> states_;
  std::optional<UserAudits> audits_;
  std::optional<Sealer> sealer_;
  std::optional<DamageReports> damage_;
  std::optional<Accounts> accounts_;
};

}  // namespace halley::cli
