// How much all clients of a user together have not taken yet, as it was counted when the first of them was
// asked in this turn of the loop, and what has been added since. A line goes to each of a thousand clients,
// and none of them counts the thousand again.
//
// Thread: the loop's. Owner: the Bouncer, for all its clients. A successor counts anew.
#pragma once

#include <cstddef>
#include <cstdint>

namespace halley {

class User;

class UnreadSum {
 public:
  // Bytes. `turn`: of the loop. What was taken since may still be in it: it is at most too much.
  std::size_t of(const User& user, std::uint64_t turn);
  // Counted now.
  std::size_t count(const User& user, std::uint64_t turn);
  // So much more waits for one of its clients.
  void add(const User& user, std::size_t bytes);

 private:
  const User* user_ = nullptr;  // compared only
  std::uint64_t turn_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace halley
