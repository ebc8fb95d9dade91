#include "bouncer/accounts/password_queue.h"

#include <utility>

namespace halley {

// Shared with the jobs under way, which hold it weakly.
struct PasswordQueue::Impl : std::enable_shared_from_this<Impl> {
  Impl(Work the_work, std::size_t most) : work(std::move(the_work)), most_at_once(most) {}

  void start_next() {
    // What is not wanted any more is answered at once, and takes nobody's turn.
    while (running < most_at_once && !turns.empty()) {
      const auto turn = turns.front();
      turns.pop_front();
      std::deque<Job>& own = turn->second;
      Job job = std::move(own.front());
      own.pop_front();
      --waiting;
      if (own.empty()) {
        jobs.erase(turn);
      } else {
        turns.push_back(turn);
      }
      if (job.still_wanted && !job.still_wanted()) {
        const auto self = shared_from_this();  // the answer may end the queue's owner
        if (job.finished) job.finished(false);
        continue;
      }
      start(std::move(job));
    }
  }

  void start(Job job) {
    ++running;
    auto shared = std::make_shared<Job>(std::move(job));
    work([shared] { shared->run(); },
         [shared, weak = weak_from_this()] {
           const auto self = weak.lock();
           if (!self) return;
           --self->running;
           // First, so that what it found (a failed guess) counts when the next is asked whether it is
           // wanted.
           if (shared->finished) shared->finished(true);
           self->start_next();
         });
  }

  Work work;
  std::size_t most_at_once;
  std::size_t waiting = 0, running = 0;
  using Jobs = std::map<std::string, std::deque<Job>, std::less<>>;
  Jobs jobs;                        // never an empty deque
  std::list<Jobs::iterator> turns;  // each of `jobs` once; the front is next
};

PasswordQueue::PasswordQueue(Work work, std::size_t most_at_once)
    : impl_(std::make_shared<Impl>(std::move(work), most_at_once)) {}
PasswordQueue::~PasswordQueue() = default;

bool PasswordQueue::add(Job job, std::size_t most_of_one) {
  if (impl_->waiting >= kMostWaitingJobs) return false;
  const auto [at, fresh] = impl_->jobs.try_emplace(job.who);
  if (fresh) {
    impl_->turns.push_back(at);
  } else if (at->second.size() >= most_of_one) {
    return false;
  }
  at->second.push_back(std::move(job));
  ++impl_->waiting;
  const auto keep = impl_;
  keep->start_next();
  return true;
}

}  // namespace halley
