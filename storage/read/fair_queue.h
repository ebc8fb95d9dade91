// Work that waits, in order for each user, served one piece of each user in turn: who has asked three hundred
// things delays another's one by one of them.
//
// A value, not thread-safe. Owner: a ReadThread, under its lock.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <utility>

#include "storage/api/event.h"

namespace halley::storage {

template <class Work>
class FairQueue {
 public:
  // What may wait, of one user and of all.
  struct Bounds {
    std::size_t per_user, all;
  };
  explicit FairQueue(const Bounds& bounds) : bounds_(bounds) {}

  bool empty() const { return size_ == 0; }
  // False: too much waits already.
  bool push(UserId user, Work work) {
    if (size_ >= bounds_.all) return false;
    std::list<Work>& waiting = waiting_[user];
    if (waiting.size() >= bounds_.per_user) return false;
    if (waiting.empty()) turns_.push_back(user);
    waiting.push_back(std::move(work));
    ++size_;
    return true;
  }
  // Work that was popped goes on: before what else its user waits for, when it is their turn again. No bound:
  // its place was its own.
  void put_back(UserId user, Work work) {
    std::list<Work>& waiting = waiting_[user];
    if (waiting.empty()) turns_.push_back(user);
    waiting.push_front(std::move(work));
    ++size_;
  }
  // REQUIRES: not empty.
  Work pop() {
    const UserId user = turns_.front();
    turns_.pop_front();
    const auto at = waiting_.find(user);
    Work work = std::move(at->second.front());
    at->second.pop_front();
    --size_;
    if (at->second.empty()) {
      waiting_.erase(at);
    } else {
      turns_.push_back(user);
    }
    return work;
  }
  void clear() {
    waiting_.clear();
    turns_.clear();
    size_ = 0;
  }

 private:
  const Bounds bounds_;
  // Of users of whom something waits. Lists: an empty deque is half a kilobyte, and most have one piece of
  // work.
  std::map<UserId, std::list<Work>> waiting_;
  std::deque<UserId> turns_;  // each of them once, the next one first
  std::size_t size_ = 0;
};

}  // namespace halley::storage
