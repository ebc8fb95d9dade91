#include "bouncer/daemon/text_logs.h"

#include <fmt/format.h>

#include <charconv>
#include <system_error>
#include <utility>

#include "bouncer/accounts/user_settings.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/transfer/znc_log.h"

namespace halley {
namespace {

constexpr std::uint64_t kRoundEveryMs = 2000, kAgainAfterMs = 10'000;

std::string folder_of(std::string_view user, std::string_view network) {
  std::string folder = transfer::znc_part(user);
  if (!network.empty()) (folder += '/') += transfer::znc_part(network);
  return folder;
}

}  // namespace

TextLogs::TextLogs(Parts parts) : StateOwner(parts.states), parts_(std::move(parts)) {
  states_.take(StateKind::kTextLog, [this](const storage::StateRow& row) {
    storage::EventId at = 0;
    std::from_chars(row.value.data(), row.value.data() + row.value.size(), at);
    at_[row.user] = at;
  });
  timer_ = parts_.loop.timer([this] { begin_round(); });
}

TextLogs::~TextLogs() = default;

void TextLogs::forget_user(UserId user) {
  at_.erase(user);
}

void TextLogs::put(UserId user, storage::EventId at) {
  if (!states_.has_room()) return;  // the next page says it
  states_.put(StateKind::kTextLog, {.user = user,
                                    .network = 0,
                                    .device = 0,
                                    .kind = 0,
                                    .key = {},
                                    .value = at == 0 ? std::string() : std::to_string(at)});
}

// Whoever has them from now on has them of what is said from now on.
void TextLogs::look_at(const User& user) {
  const bool has = has_text_logs(user.row(), parts_.config.history.text_logs);
  if (has == at_.contains(user.id()) || !states_.has_room()) return;
  if (has) {
    at_[user.id()] = std::max<storage::EventId>(user.head(), 1);
    put(user.id(), at_[user.id()]);
    if (!timer_->active()) timer_->start(kRoundEveryMs);
  } else {
    at_.erase(user.id());
    put(user.id(), 0);
  }
}

void TextLogs::look() {
  for (const User* user : parts_.users()) look_at(*user);
  if (!at_.empty() && !timer_->active()) timer_->start(kRoundEveryMs);
}

void TextLogs::begin_round() {
  for (const auto& [id, at] : at_) {
    if (busy_ || failed_) break;  // the last one goes on
    const User* user = parts_.user(id);
    if (user != nullptr && user->head() > at) round_.push_back(id);
  }
  step();
}

void TextLogs::step() {
  if (busy_) return;
  if (failed_) return start(std::exchange(failed_, nullptr));
  if (!moves_.empty()) {
    auto job = std::move(moves_.front());
    moves_.pop_front();
    return start(std::move(job));
  }
  while (!round_.empty()) {
    User* user = parts_.user(round_.front());
    round_.pop_front();
    if (user != nullptr && at_.contains(user->id())) return read(*user);
  }
  if (!at_.empty()) timer_->start(kRoundEveryMs);
}

// The database as it is: what is newer comes in a later round, and nobody is hurried for it.
void TextLogs::read(User& user) {
  busy_ = true;
  storage::LogQuery query;
  query.after = at_[user.id()];
  query.max_bytes = kMostTextPageBytes;
  query.as_it_is = true;
  user.past().read(query, [this, id = user.id(), alive = std::weak_ptr<int>(alive_)](
                              std::expected<storage::Page, std::string> page) {
    if (alive.expired()) return;
    busy_ = false;
    if (page && !page->events.empty()) return take(id, *page);
    step();  // a busy store is asked again in the next round
  });
}

void TextLogs::take(UserId id, const storage::Page& page) {
  const User* user = parts_.user(id);
  const auto at = at_.find(id);
  if (user == nullptr || at == at_.end()) return step();
  if (page.more) round_.push_back(id);
  std::vector<transfer::TextLine> lines;
  for (const storage::Event& logged : page.events) {
    const bool outdated = user->past().outdated(logged);
    const storage::Event event = outdated ? user->past().as_it_is_now(logged) : logged;
    const Network* network = user->network(event.network);
    if (network == nullptr || !kind_row(static_cast<Kind>(event.kind)).shown) continue;
    for (const storage::BufferId buffer : event.buffers) {
      const std::string* name = network->buffers().name(buffer);
      if (name == nullptr) continue;
      lines.push_back({.time_ms = event.time_ms,
                       .window = folder_of(user->name(), network->name()) + "/" + transfer::znc_window(*name),
                       .line = std::string(event.line),
                       .multiline = (event.flags & event_flag::kMultiline) != 0});
    }
  }
  auto job = std::make_shared<Job>();
  job->folder = parts_.config.data_dir / "logs";
  job->user = id;
  job->until = page.events.back().id;
  job->page = transfer::TextPage(std::move(lines));
  start(std::move(job));
}

void TextLogs::Job::run() {
  error.clear();
  if (user != 0) {
    if (const auto done = page.write(folder); !done) error = done.error();
    return;
  }
  std::error_code failure;
  if (to.empty()) {
    std::filesystem::remove_all(folder / from, failure);
  } else if (std::filesystem::exists(folder / from, failure)) {
    std::filesystem::rename(folder / from, folder / to, failure);
  }
  if (failure) error = fmt::format("{}: {}", (folder / from).string(), failure.message());
}

void TextLogs::start(std::shared_ptr<Job> job) {
  busy_ = true;
  parts_.loop.work([job] { job->run(); },
                   [this, job, alive = std::weak_ptr<int>(alive_)] {
                     if (!alive.expired()) finished(job);
                   });
}

void TextLogs::finished(const std::shared_ptr<Job>& job) {
  busy_ = false;
  const bool moved = job->user == 0;
  if (!job->error.empty() && moved) {
    // Names that stand in each other's way are a person's to sort out; nothing waits for that.
    parts_.accounts.audit().warn("plain-text logs: " + job->error);
  } else if (!job->error.empty()) {
    if (trouble_ != job->error)
      parts_.accounts.audit().warn(
          fmt::format("plain-text logs wait, as they cannot be written: {}", job->error));
    trouble_ = job->error;
    if (at_.contains(job->user)) failed_ = job;
    return timer_->start(kAgainAfterMs);
  }
  if (!moved && !trouble_.empty()) {
    parts_.accounts.audit().info("plain-text logs are written again");
    trouble_.clear();
  }
  if (const auto at = at_.find(job->user); at != at_.end()) {
    at->second = job->until;
    put(job->user, job->until);
  }
  step();
}

void TextLogs::remove(std::string_view user, std::string_view network, const std::string* window) {
  auto job = std::make_shared<Job>();
  job->folder = parts_.config.data_dir / "logs";
  job->from = folder_of(user, network);
  if (window != nullptr) job->from /= transfer::znc_window(*window);
  moves_.push_back(std::move(job));
  if (!failed_) step();
}

void TextLogs::rename_user(std::string_view from, std::string_view to) {
  auto job = std::make_shared<Job>();
  job->folder = parts_.config.data_dir / "logs";
  job->from = folder_of(from, {});
  job->to = folder_of(to, {});
  moves_.push_back(std::move(job));
  if (!failed_) step();
}

void TextLogs::rename_network(std::string_view user, std::string_view from, std::string_view to) {
  auto job = std::make_shared<Job>();
  job->folder = parts_.config.data_dir / "logs";
  job->from = folder_of(user, from);
  job->to = folder_of(user, to);
  moves_.push_back(std::move(job));
  if (!failed_) step();
}

}  // namespace halley
