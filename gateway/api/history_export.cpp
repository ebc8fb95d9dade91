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

HistoryExport::HistoryExport(const Parts& parts, Wanted wanted, net::Stream& stream, std::string_view head,
                             bool chunked)
    : parts_(parts),
      stream_(stream),
      timer_(parts_.loop.timer([this] { end(); })),
      state_{.wanted = std::move(wanted), .chunked = chunked, .out = std::string(head)} {
  timer_->start(kTakeMs);
}

// Null: logged out, revoked, disabled or removed meanwhile.
User* HistoryExport::asker() const {
  User* const user = parts_.live_user(state_.wanted.user);
  if (!user) return nullptr;
  const Accounts& accounts = parts_.accounts;
  const bool holds =
      state_.wanted.session != 0
          ? std::ranges::any_of(accounts.sessions(state_.wanted.user),
                                [&](const auto* row) { return row->id == state_.wanted.session; })
          : state_.wanted.device == 0 ||
                std::ranges::any_of(accounts.devices(state_.wanted.user),
                                    [&](const auto* row) { return row->id == state_.wanted.device; });
  return holds ? user : nullptr;
}

void HistoryExport::read_on() {
  User* const user = asker();
  if (!user) return end();
  if (state_.wanted.buffer == 0) return take(*user, {});
  storage::HistoryQuery query;
  query.what = storage::HistoryQuery::What::kAfter;
  query.a.by = storage::Bound::By::kId;
  query.a.id = state_.after;
  query.buffer = state_.wanted.buffer;
  query.limit = kPageLines;
  query.max_bytes = kMostPiece;
  reading_ = true;
  timer_->stop();  // it is our turn
  user->past().history(std::move(query), [this, alive = std::weak_ptr(alive_)](
                                             const std::expected<storage::Page, std::string>& page) {
    if (alive.expired()) return;
    reading_ = false;
    const User* const still = asker();
    if (gone_ || state_.ended) return;
    timer_->start(kTakeMs);
    if (!page || !still) return end();
    take(*still, *page);
    flush();
  });
}

void HistoryExport::take(const User& user, const storage::Page& page) {
  std::string text;
  for (const storage::Event& event : page.events) {
    append_stored_json(text, user.epoch(), state_.wanted.network, event);
    text += '\n';
  }
  put(text);
  if (page.looked_at != 0) state_.after = page.looked_at;
  if (page.more) return;
  if (state_.chunked) state_.out += "0\r\n\r\n";
  state_.whole = true;
}

void HistoryExport::put(std::string_view text) {
  if (text.empty()) return;  // an empty chunk would be the last one
  if (state_.chunked) state_.out += fmt::format("{:x}\r\n", text.size());
  state_.out += text;
  if (state_.chunked) state_.out += "\r\n";
}

void HistoryExport::flush() {
  while (!gone_ && !state_.ended && !reading_) {
    while (state_.out_at < state_.out.size()) {
      const std::string_view rest = std::string_view(state_.out).substr(state_.out_at);
      const std::size_t taken = stream_.write({&rest, 1});
      if (taken > 0) timer_->start(kTakeMs);
      state_.out_at += taken;
      if (taken < rest.size()) return;
    }
    state_.out.clear();
    state_.out_at = 0;
    if (state_.whole) return end();
    read_on();
  }
}

void HistoryExport::end() {
  if (std::exchange(state_.ended, true)) return;
  timer_->stop();
  if (!gone_) stream_.close();
}

void HistoryExport::closed() {
  gone_ = true;
  timer_->stop();
}

}  // namespace halley::gateway
