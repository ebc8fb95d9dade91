// Lines without a row on their way to one client.
#include <fmt/format.h>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/batch.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/downstream/unread_sum.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/numerics.h"

namespace halley {

namespace {
// Lines without a row are not in the log to be read later. When all clients of a user have let so many times
// limits.client_queue pile up, those that hold most of it are cut.
constexpr std::size_t kMostPassedQueues = 16;
constexpr std::size_t kNeverTooSlow = 16 * 1024;  // bytes
constexpr std::size_t kLineEnd = 2;               // CR LF
}  // namespace

std::size_t UnreadSum::of(const User& user, std::uint64_t turn) {
  return user_ == &user && turn_ == turn ? bytes_ : count(user, turn);
}

std::size_t UnreadSum::count(const User& user, std::uint64_t turn) {
  user_ = &user;
  turn_ = turn;
  bytes_ = 0;
  for (const Client* client : user.clients()) bytes_ += client->queued();
  return bytes_;
}

void UnreadSum::add(const User& user, std::size_t bytes) {
  if (user_ == &user) bytes_ += bytes;
}

bool Downstream::is_too_slow() const {
  if (out_.bytes() < kNeverTooSlow) return false;
  const std::uint64_t turn = parts_.loop.turn_number();
  const auto too_much = [&](std::size_t all) {
    return all > parts_.config.limits.client_queue * kMostPassedQueues &&
           out_.bytes() >= all / user()->clients().size();
  };
  // Nobody is cut for what others have taken meanwhile.
  return too_much(parts_.unread.of(*user(), turn)) && too_much(parts_.unread.count(*user(), turn));
}

void Downstream::pass(const Network& network, std::string_view line) {
  const auto message = irc::parse(line);
  if (!message) return;
  if (hides(network, *message)) return;
  pass_message(*message, line);
  hear_address(network, *message);
}

// Typing and the like, and our leaving, where this device is shown nothing of what is said.
bool Downstream::hides(const Network& network, const irc::Message& message) const {
  if (network.user().detached().empty()) return false;
  const bool tags = irc::same_command(message.command, "TAGMSG");
  if (!tags && !irc::same_command(message.command, "PART")) return false;
  const bool to_us =
      tags && irc::equal(network.state().casemapping(), message.param(0), network.state().nick);
  return is_hidden(network, to_us ? irc::parse_prefix(message.source).nick : message.param(0), device());
}

void Downstream::pass_own(std::string_view line) {
  if (const auto message = irc::parse(line)) pass_message(*message, line);
}

void Downstream::pass_message(const irc::Message& message, std::string_view line) {
  if (!stream_ || !state_.welcomed || pass_translated(message)) return;
  if (!understands(state_.caps, message.command)) {
    // What was refused is said in any case.
    if (message.command == "FAIL") notice(fmt::format("{}: {}", message.param(0), message.last()));
    return;
  }
  if (is_too_slow()) {
    end("you read too slowly");
    return;
  }
  scratch_.clear();
  append_passed(scratch_, line, state_.caps, parts_.loop.clock().wall_us() / 1000);
  if (scratch_.empty()) return;
  if (const User* of = user()) parts_.unread.add(*of, scratch_.size());
  if (answering() != 0) {
    send(std::string(scratch_, 0, scratch_.size() - kLineEnd));
    return;
  }
  queue(scratch_, 0);
  flush_->schedule();
}

// Lines that this client takes in another form. True: it has got it.
bool Downstream::pass_translated(const irc::Message& message) {
  if (message.command == irc::kRplIsupport && batches_isupport()) {
    in_batch(*this, {.type = "draft/isupport"}, [&](const std::string& reference) {
      std::string line = "@batch=" + reference + " ";
      irc::append_body(line, message);
      send(line);
    });
    return true;
  }
  const bool older = state_.caps.has(irc::Cap::kSojuRead) && !state_.caps.has(irc::Cap::kReadMarker);
  if (message.command != "MARKREAD" || !older) return false;
  send(irc::format_line(message.source, "READ", {message.param(0), message.param(1)}));
  return true;
}

}  // namespace halley
