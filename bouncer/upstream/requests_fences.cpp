// Which questions are over without an answer, or with half of one: what fences say of them.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "bouncer/upstream/requests.h"

namespace halley {

namespace {

constexpr std::string_view kFence = "halley-fence-";
constexpr std::uint8_t kDoublings = 5;

}  // namespace

// One whose answer has an end is given its time: most are answered, and a PING behind each would double what
// is sent. Halley's own wait for nobody.
std::uint64_t Requests::due_of(const Question& question, bool held) const {
  const bool silent = question.late || question.begun || question.labelled;
  if (open_ended(question.kind)) return 0;
  return question.heard_ms + (silent || (question.who == kNobody && !held) ? kSilentMs : kOverdueMs);
}

std::uint64_t Requests::fence_lost_ms() const {
  return fence_.on_its_way ? fence_.sent_ms + (kFenceLostMs << std::min(lost_, kDoublings)) : 0;
}

std::string Requests::next_fence() {
  if (fence_.on_its_way && fence_lost_ms() <= now_ms_ && lost_ < kDoublings) ++lost_;
  fence_ = {.count = fence_.count + 1, .behind = last_number_, .sent_ms = now_ms_, .on_its_way = true};
  return fmt::format("{}{}", kFence, fence_.count);
}

// REQUIRES: the last fence has come back.
bool Requests::ended_by_fence(const Question& question) const {
  if (question.number > fence_.behind) return false;
  if (open_ended(question.kind)) return true;
  if (question.late || question.begun || question.labelled)
    return question.heard_ms + kSilentMs <= fence_.sent_ms;
  return true;
}

bool Requests::fence_back(std::string_view token) {
  if (!token.starts_with(kFence)) return false;
  std::uint64_t count = 0;
  std::from_chars(token.data() + kFence.size(), token.data() + token.size(), count);
  if (!fence_.on_its_way || count != fence_.count) return true;  // of an older link, or late
  fence_.on_its_way = false;
  lost_ = 0;
  std::erase_if(waiting_, [&](const Question& q) {
    const bool over = ended_by_fence(q);
    if (over) ended(q);
    return over;
  });
  give_back();
  std::erase_if(batches_, [&](const LabelledBatch& b) { return b.heard_ms + kSilentMs <= fence_.sent_ms; });
  trailing_ = kUnknownKind;
  return true;
}

// Batches within batches: what comes in one is a sign of life of those around it.
void Requests::heard_in_batch(ClientId who, AnswerId answer) {
  for (LabelledBatch& batch : batches_) {
    if (batch.who != who || batch.answer != answer) continue;
    batch.heard_ms = now_ms_;
    const At question = std::ranges::find(waiting_, batch.number, &Question::number);
    if (question != waiting_.end()) question->heard_ms = now_ms_;
  }
}

// Replies that name their question, or belong to an answer that has begun, are not mistaken. What is only
// answered when it is refused is refused by name.
std::uint64_t Requests::held_until(ClientId who, const irc::Message& message,
                                   irc::CaseMapping mapping) const {
  const QuestionKindId kind = question_kind_of(message);
  const QuestionKind& row = question_kind(kind);
  const bool by_name = row.by_name || (row.changes && row.last.empty());
  std::uint64_t until = 0;
  for (const Question& q : waiting_) {
    if (q.labelled || q.kind != kind || q.who == who || q.number <= fence_.behind) continue;
    if ((q.begun && !open_ended(kind)) || (by_name && !names(q.subject, message.param(0), mapping))) continue;
    if (now_ms_ < q.heard_ms + kLongestHoldMs) until = std::max(until, q.heard_ms + kLongestHoldMs);
  }
  return until;
}

}  // namespace halley
