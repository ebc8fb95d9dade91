// Passwords that another program checks (auth.http of halley.toml): it is sent name and password by POST, as
// Basic (RFC 7617), and its status is the answer: 2xx is yes, 401 or 403 no, anything else no answer.
//
// What was said yes to is remembered in memory for kMaxVerifiedMs, as a keyed hash, so that a user's many
// clients cost one question; an old password is let in for so long and no longer. Of what was said no to
// nothing is remembered.
//
// Thread: the loop's. Owner: the Login; what it is given outlives it. Destroying it drops questions that are
// on their way. A successor asks anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bouncer/accounts/digest.h"
#include "bouncer/accounts/password_queue.h"
#include "bouncer/config/config.h"
#include "bouncer/net/dialer.h"
#include "bouncer/net/https_post.h"
#include "bouncer/net/loop.h"

namespace halley {

class PasswordEndpoint {
 public:
  static constexpr std::uint64_t kMaxVerifiedMs = 5 * 60 * 1000;
  static constexpr std::uint64_t kMaxAnswerMs = 10'000;
  static constexpr std::size_t kMostQuestionsAtOnce = 8;      // each has a connection of its own
  static constexpr std::size_t kMostQuestionsOfAddress = 64;  // that wait, with different passwords
  static constexpr std::size_t kMostCallers = 4096;           // callers that wait, also for the same answer
  static constexpr std::size_t kMostVerified = 10'000;        // names that are remembered

  struct Parts {
    net::Loop& loop;
    net::Dialer& dialer;
    net::Random& random;
    const Config::AuthConfig& config;
  };
  explicit PasswordEndpoint(const Parts& parts);

  bool in_use() const { return !config_.http.empty(); }

  struct Question {
    std::string name;  // without a colon
    std::string password;
    std::string who;                     // whose turn it takes: the address
    std::function<bool()> still_wanted;  // asked before it goes out; may be null
    ~Question() { wipe(password); }
  };
  enum class Word { kYes, kNo, kNone, kBusy, kNotWanted };
  struct Answer {
    Word word;
    std::string why = {};  // kNone: half a sentence for the operator
  };
  // REQUIRES: in_use(). `done` at once when it was said yes to before, or there is no room, else later.
  void ask(Question question, std::function<void(const Answer&)> done);

 private:
  struct AnswerTo {
    std::function<bool()> still_wanted;
    std::function<void(const Answer&)> done;
  };
  struct Verified {
    Mac mac;
    std::uint64_t at_ms;
  };
  struct Sent {
    std::unique_ptr<net::HttpsPost> post;
    std::function<void()> answered;  // the queue's
  };

  bool wanted(const Mac& mac) const;
  void send(const Mac& mac, const std::shared_ptr<Question>& question);
  void answer(const Mac& mac, const std::string& name, const Answer& answer);

  net::Loop& loop_;
  net::Dialer& dialer_;
  const Config::AuthConfig& config_;
  std::array<unsigned char, 32> key_{};
  std::map<std::string, Verified> verified_;  // by name
  std::map<Mac, std::vector<AnswerTo>> asking_;
  std::map<Mac, Answer> answers_;  // between a post's end and its askers
  std::map<Mac, Sent> sent_;
  std::size_t waiting_ = 0;
  std::function<void()> answered_;  // of the question that is just being sent
  PasswordQueue queue_;
};

}  // namespace halley
