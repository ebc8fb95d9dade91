#include "gateway/api/history_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bouncer/core/user.h"
#include "gateway/events/frame.h"

namespace halley::gateway {
namespace {

constexpr std::size_t kPageLines = 250;
constexpr std::size_t kMostPiece = 64 * 1024;  // bytes of a page
constexpr std::uint64_t kTakeMs = 60'000;

}  // namespace

HistoryExport::HistoryExport(Parts parts, net::Stream& stream, std::string_view head, bool chunked)
    : parts_(std::move(parts)),
      stream_(stream),
      timer_(parts_.loop.timer([this] { end(); })),
      out_(head),
      chunked_(chunked) {
  timer_->start(kTakeMs);
}

// Null: logged out, revoked, disabled or removed meanwhile.
User* HistoryExport::asker() const {
  User* const user = parts_.login.find_user(parts_.user);
  if (!user) return nullptr;
  const Accounts& accounts = parts_.accounts;
  const bool holds = parts_.session != 0
                         ? std::ranges::any_of(accounts.sessions(parts_.user),
                                               [&](const auto* row) { return row->id == parts_.session; })
                         : parts_.device == 0 ||
                               std::ranges::any_of(accounts.devices(parts_.user),
                                                   [&](const auto* row) { return row->id == parts_.device; });
  return holds ? user : nullptr;
}

void HistoryExport::read_on() {
  User* const user = asker();
  if (!user) return end();
  if (parts_.buffer == 0) return take(*user, {});
  storage::HistoryQuery query;
  query.what = storage::HistoryQuery::What::kAfter;
  query.a.by = storage::Bound::By::kId;
  query.a.id = last_;
  query.buffer = parts_.buffer;
  query.limit = kPageLines;
  query.max_bytes = kMostPiece;
  reading_ = true;
  timer_->stop();  // it is our turn
  user->past().history(std::move(query), [this, alive = std::weak_ptr(alive_)](
                                             const std::expected<storage::Page, std::string>& page) {
    if (alive.expired()) return;
    reading_ = false;
    const User* const still = asker();
    if (gone_ || ended_) return;
    timer_->start(kTakeMs);
    if (!page || !still) return end();
    take(*still, *page);
    flush();
  });
}

void HistoryExport::take(const User& user, const storage::Page& page) {
  std::string text;
  for (const storage::Event& event : page.events) {
    append_stored_json(text, user.epoch(), parts_.network, event);
    text += '\n';
  }
  put(text);
  if (page.looked_at != 0) last_ = page.looked_at;
  if (page.more) return;
  if (chunked_) out_ += "0\r\n\r\n";
  whole_ = true;
}

void HistoryExport::put(std::string_view text) {
  if (text.empty()) return;  // an empty chunk would be the last one
  if (chunked_) out_ += fmt::format("{:x}\r\n", text.size());
  out_ += text;
  if (chunked_) out_ += "\r\n";
}

void HistoryExport::flush() {
  while (!gone_ && !ended_ && !reading_) {
    while (out_at_ < out_.size()) {
      const std::string_view rest = std::string_view(out_).substr(out_at_);
      const std::size_t taken = stream_.write({&rest, 1});
      if (taken > 0) timer_->start(kTakeMs);
      out_at_ += taken;
      if (taken < rest.size()) return;
    }
    out_.clear();
    out_at_ = 0;
    if (whole_) return end();
    read_on();
  }
}

void HistoryExport::end() {
  if (std::exchange(ended_, true)) return;
  timer_->stop();
  if (!gone_) stream_.close();
}

void HistoryExport::closed() {
  gone_ = true;
  timer_->stop();
}

}  // namespace halley::gateway
