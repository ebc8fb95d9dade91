// Slow hashes wait here for a worker thread: bounded, few at once (each needs memory of its own), and served
// in turn over those who ask, so that nobody's thousand passwords make another's login wait.
//
// Thread: the loop's. Owner: who has passwords hashed (PasswordVerifier, CommandRunner). Destroying the queue
// drops what waits; what runs ends on its worker, unheard. Nothing to hand over: who waits asks again.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace halley {

class PasswordQueue {
 public:
  // As net::Loop::work: `job` on another thread, then `done` on the loop's.
  using Work = std::function<void(std::function<void()> job, std::function<void()> done)>;

  static constexpr std::size_t kMostWaitingJobs = 4096;  // in all

  // `most_at_once`: hashes that may run at the same time.
  PasswordQueue(Work work, std::size_t most_at_once);
  ~PasswordQueue();

  struct Job {
    std::string who;  // whose turn it takes: an address, a user
    // Asked on the loop's thread when its turn has come; false: `run` is left out. May be null.
    std::function<bool()> still_wanted;
    std::function<void()> run;               // on a worker thread
    std::function<void(bool ran)> finished;  // on the loop's thread
  };
  // False, and nothing happens: `most_of_one` jobs of the same `who` wait already, or kMostWaitingJobs in
  // all.
  bool add(Job job, std::size_t most_of_one);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace halley
