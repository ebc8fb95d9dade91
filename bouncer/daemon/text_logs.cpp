#include "bouncer/daemon/text_logs.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
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

std::string folder_of(const Network& network, std::string_view window) {
  return folder_of(network.user().name(), network.name()) + "/" + transfer::znc_window(window);
}

bool is_within(const std::filesystem::path& path, const std::filesystem::path& parent) {
  return std::mismatch(parent.begin(), parent.end(), path.begin(), path.end()).first == parent.end();
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
  drop(user);
}

// Nothing more is written of theirs, and nothing of theirs is in trouble.
void TextLogs::drop(UserId user) {
  at_.erase(user);
  const bool failed = failed_ && failed_->user == user;
  if (failed) failed_ = nullptr;
  if (failed || at_.empty()) trouble_.clear();
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
    drop(user.id());
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
    if (!moves_.empty())
      round_.push_front(id);  // is read again: it is to go where the names are by then
    else if (page && !page->events.empty())
      return take(id, *page);
    step();  // a busy store is asked again in the next round
  });
}

void TextLogs::take(UserId id, const storage::Page& page) {
  const User* user = parts_.user(id);
  const auto at = at_.find(id);
  if (user == nullptr || at == at_.end()) return step();
  std::vector<transfer::TextLine> lines;
  std::map<storage::BufferId, std::string> windows;
  storage::EventId until = 0;
  for (const storage::Event& logged : page.events) {
    if (lines.size() >= kMostTextPageLines) break;
    until = logged.id;
    const bool outdated = user->past().outdated(logged);
    const storage::Event event = outdated ? user->past().as_it_is_now(logged) : logged;
    const Network* network = user->network(event.network);
    if (network == nullptr) continue;
    const auto window_of = [&](storage::BufferId buffer) -> const std::string* {
      const std::string* name = network->buffers().name(buffer);
      if (name == nullptr) return nullptr;
      std::string& window = windows[buffer];
      if (window.empty()) window = folder_of(*network, *name);
      return &window;
    };
    transfer::add_text_lines(event, window_of, lines);
  }
  if (page.more || until != page.events.back().id) round_.push_back(id);
  auto job = std::make_shared<Job>();
  job->folder = parts_.config.data_dir / "logs";
  job->user = id;
  job->until = until;
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
    failed_ = job;
    if (at_.contains(job->user)) return timer_->start(kAgainAfterMs);
    drop(job->user);
    return step();
  }
  if (!moved && !trouble_.empty()) {
    parts_.accounts.audit().info("plain-text logs are written again");
    trouble_.clear();
  }
  if (const auto at = at_.find(job->user); at != at_.end() && at->second < job->until) {
    at->second = job->until;
    put(job->user, job->until);
  }
  step();
}

void TextLogs::remove(std::string_view user, std::string_view network) {
  move(folder_of(user, network));
}

void TextLogs::remove_window(const Network& network, storage::BufferId buffer) {
  const std::string* name = network.buffers().name(buffer);
  if (name == nullptr || !may_be_there(folder_of(network, *name))) return;
  const std::string window = transfer::znc_window(*name);
  const bool shared = std::ranges::any_of(network.buffers().all(), [&](const Buffer& other) {
    return other.id != buffer && transfer::znc_window(other.name) == window;
  });
  if (!shared) move(folder_of(network, *name));
}

void TextLogs::rename_user(std::string_view from, std::string_view to) {
  move(folder_of(from, {}), folder_of(to, {}));
}

void TextLogs::rename_network(std::string_view user, std::string_view from, std::string_view to) {
  move(folder_of(user, from), folder_of(user, to));
}

// While nothing is on its way there, the disk says it: most have no such logs.
bool TextLogs::may_be_there(const std::filesystem::path& path) const {
  std::error_code ignored;
  return busy_ || failed_ || !moves_.empty() ||
         std::filesystem::exists(parts_.config.data_dir / "logs" / path, ignored);
}

// Without `to`: removed.
void TextLogs::move(std::filesystem::path from, std::filesystem::path to) {
  if (!may_be_there(from)) return;
  // Names mean the same since the last rename: what is in a folder that goes need not go by itself.
  for (auto at = moves_.end(); to.empty() && at != moves_.begin() && (*std::prev(at))->to.empty();) {
    --at;
    if (is_within((*at)->from, from)) at = moves_.erase(at);
  }
  const std::filesystem::path folder = parts_.config.data_dir / "logs";
  if (moves_.size() >= kMostMoves) {
    parts_.accounts.audit().warn(fmt::format("plain-text logs: {} is not {}, as too much waits for the disk",
                                             (folder / from).string(), to.empty() ? "removed" : "renamed"));
    return;
  }
  auto job = std::make_shared<Job>();
  job->folder = folder;
  job->from = std::move(from);
  job->to = std::move(to);
  moves_.push_back(std::move(job));
  if (!failed_) step();
}

}  // namespace halley
