// Answers from the history on their way to one client, whole pages of the store: told in turns (UserTurns),
// as far as the peer takes them. The memory of those that wait counts among what is held for the user.
//
// Thread: the loop's. Owner: the Downstream, from its first question on. A successor asks the store for a
// page again, and goes on at its event.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "bouncer/core/client_id.h"
#include "bouncer/core/user_turns.h"
#include "bouncer/net/byte_count.h"
#include "storage/api/store.h"

namespace halley {

class Downstream;

// The memory of pages that wait for clients of a user to read them.
using HeldPages = net::ByteCount<UserId>;

class HistoryAnswers final : private UserTurns::Taker {
 public:
  struct Answer {
    struct State {
      std::string type;    // of its batch, where the client knows batches
      std::string target;  // likewise
      storage::Page page;
      std::string batch = {};
      bool begun = false;
      std::size_t at = 0;  // the next event
    } state;
    std::shared_ptr<void> place;
    AnswerId answering = 0;      // the client's (client.h), which whoever asked holds until it is told
    std::function<void()> told;  // called once it has been told whole; follows from the type
  };

  HistoryAnswers(Downstream& client, UserTurns& turns, UserId user)
      : client_(client), turns_(turns), user_(user) {}
  ~HistoryAnswers();

  void add(Answer answer);
  // To be called when the peer has room.
  void go_on();

 private:
  void take_turn() override;
  bool tell(Answer::State& answer, std::size_t until);

  Downstream& client_;
  UserTurns& turns_;
  UserId user_;
  // No more than the client may have questions, and one of *playback's. An empty deque would cost 600 bytes.
  std::list<Answer> answers_;
  bool waits_ = false;  // for its turn
};

}  // namespace halley
