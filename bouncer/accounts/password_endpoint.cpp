#include "bouncer/accounts/password_endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bouncer/irc/sasl.h"
#include "bouncer/net/origin.h"

namespace halley {
namespace {

PasswordEndpoint::Answer answer_of(const std::expected<net::HttpsAnswer, std::string>& result) {
  using Word = PasswordEndpoint::Word;
  if (!result) return {.word = Word::kNone, .why = result.error()};
  const int status = result->status;
  if (status >= 200 && status < 300) return {.word = Word::kYes};
  if (status == 401 || status == 403) return {.word = Word::kNo};
  return {.word = Word::kNone, .why = fmt::format("it answered with status {}", status)};
}

}  // namespace

// The queue's jobs end when they are answered, not when their function returns.
PasswordEndpoint::PasswordEndpoint(const Parts& parts)
    : loop_(parts.loop),
      dialer_(parts.dialer),
      config_(parts.config),
      queue_(
          [this](const std::function<void()>& job, std::function<void()> answered) {
            answered_ = std::move(answered);
            job();
          },
          kMostQuestionsAtOnce) {
  parts.random.fill(key_);
}

bool PasswordEndpoint::wanted(const Mac& mac) const {
  const auto found = asking_.find(mac);
  return found != asking_.end() && std::ranges::any_of(found->second, [](const AnswerTo& asker) {
           return !asker.still_wanted || asker.still_wanted();
         });
}

void PasswordEndpoint::ask(Question question, std::function<void(const Answer&)> done) {
  std::string text = fmt::format("{}\n{}\n{}", config_.http, question.name, question.password);
  const Mac mac = keyed_mac(key_, text);
  wipe(text);
  const auto known = verified_.find(question.name);
  if (known != verified_.end() && known->second.mac == mac &&
      loop_.clock().monotonic_ms() - known->second.at_ms < kMaxVerifiedMs) {
    return done({.word = Word::kYes});
  }
  if (waiting_ >= kMostCallers) return done({.word = Word::kBusy});
  const auto [at, fresh] = asking_.try_emplace(mac);
  at->second.push_back({.still_wanted = std::move(question.still_wanted), .done = std::move(done)});
  ++waiting_;
  if (!fresh) return;

  const auto shared = std::make_shared<Question>(question);
  const bool queued =
      queue_.add({.who = shared->who,
                  .still_wanted = [this, mac] { return wanted(mac); },
                  .run = [this, mac, shared] { send(mac, shared); },
                  .finished =
                      [this, mac, shared](bool ran) {
                        const auto node = answers_.extract(mac);
                        answer(mac, shared->name, ran ? node.mapped() : Answer{.word = Word::kNotWanted});
                      }},
                 kMostQuestionsOfAddress);
  if (!queued) answer(mac, shared->name, {.word = Word::kBusy});
}

void PasswordEndpoint::send(const Mac& mac, const std::shared_ptr<Question>& question) {
  std::function<void()> answered = std::exchange(answered_, nullptr);
  const auto address = net::HttpAddress::parse(config_.http);
  if (!address) {  // it has been taken out of the configuration meanwhile
    answers_.insert_or_assign(mac, Answer{.word = Word::kNone, .why = "auth.http is not set any more"});
    return answered();
  }
  std::string credentials = question->name + ":" + question->password;
  std::string encoded = irc::base64_encode(credentials);
  std::string headers = fmt::format("Authorization: Basic {}\r\n", encoded);
  wipe(encoded);
  wipe(credentials);
  wipe(question->password);
  auto post =
      std::make_unique<net::HttpsPost>(loop_, dialer_,
                                       net::HttpsRequest{.host = address->host,
                                                         .port = address->port,
                                                         .tls = address->tls,
                                                         .target = address->target,
                                                         .headers = std::move(headers),
                                                         .body = {},
                                                         .allow_private_hosts = true,  // the operator's own
                                                         .timeout_ms = kMaxAnswerMs},
                                       [this, mac](const auto& result) {
                                         answers_.insert_or_assign(mac, answer_of(result));
                                         const auto sent = sent_.extract(mac);
                                         sent.mapped().answered();
                                       });
  sent_.insert_or_assign(mac, Sent{.post = std::move(post), .answered = std::move(answered)});
}

void PasswordEndpoint::answer(const Mac& mac, const std::string& name, const Answer& answer) {
  const auto node = asking_.extract(mac);
  const std::vector<AnswerTo>& askers = node.mapped();
  waiting_ -= askers.size();
  if (answer.word == Word::kYes) {
    if (verified_.size() >= kMostVerified) verified_.clear();  // all are asked for once more
    verified_.insert_or_assign(name, Verified{.mac = mac, .at_ms = loop_.clock().monotonic_ms()});
  } else if (answer.word == Word::kNo) {
    // Of somebody whose password was changed, or who is gone there, the old one is not waited out.
    if (const auto known = verified_.find(name); known != verified_.end() && known->second.mac == mac)
      verified_.erase(known);
  }
  for (const AnswerTo& asker : askers) asker.done(answer);
}

}  // namespace halley
