// Running plain-text logs of the users that have them (history.text_logs, text-logs): follows each user's log
// by its ids, a page at a time and users by turns, and appends what is new to files in data_dir/logs as ZNC's
// log module has them (transfer/text_files.h). How far it has got is durable, and kept once a page is
// written: after a crash the lines of one page may stand twice, and none is missing.
//
// Thread: the loop's; files are written by a worker's. Owner: the Bouncer, which tells of what goes and of
// new names; what it is given outlives it. Bounds: one page is read or being written at a time, and so many
// moves wait, whatever the disk does; a disk in trouble is tried again every ten seconds. A successor goes on
// where the durable state says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/accounts.h"
#include "bouncer/config/config.h"
#include "bouncer/core/durable_state.h"
#include "bouncer/net/loop.h"
#include "bouncer/transfer/text_files.h"
#include "storage/api/store.h"

namespace halley {

class Network;
class User;

class TextLogs final : public StateOwner {
 public:
  static constexpr std::size_t kMostTextPageBytes = std::size_t{128} * 1024;
  // Of a page, as a QUIT stands in each window that it is shown in; the event that goes beyond is the last.
  static constexpr std::size_t kMostTextPageLines = 2000;
  static constexpr std::size_t kMostMoves = 256;

  struct Parts {
    net::Loop& loop;
    DurableState& states;
    const Accounts& accounts;
    const Config& config;
    std::function<User*(UserId)> user;  // null: gone
    std::function<std::vector<User*>()> users;
  };
  explicit TextLogs(Parts parts);
  ~TextLogs();
  void forget_user(UserId user) override;

  // Has the user text logs now? When they are new, or their settings have changed; all of them every half
  // minute or so, as the configuration may have.
  void look_at(const User& user);
  void look();
  // Of these nothing is to be left; `network` empty: all of them.
  void remove(std::string_view user, std::string_view network = {});
  // Nor of this one, unless another's lines stand in the same files. REQUIRES: it is there still.
  void remove_window(const Network& network, storage::BufferId buffer);
  void rename_user(std::string_view from, std::string_view to);
  void rename_network(std::string_view user, std::string_view from, std::string_view to);
  // Why nothing is written at the moment; empty: all is well.
  const std::string& trouble() const { return trouble_; }

 private:
  // What a worker does, and what comes of it.
  struct Job {
    std::filesystem::path folder;
    UserId user = 0;  // whose page; 0: files are moved or removed
    storage::EventId until = 0;
    transfer::TextPage page = {};
    std::filesystem::path from = {}, to = {};  // below the folder; no `to`: removed
    std::string error = {};
    void run();
  };

  void step();
  void read(User& user);
  void take(UserId user, const storage::Page& page);
  void start(std::shared_ptr<Job> job);
  void finished(const std::shared_ptr<Job>& job);
  void move(std::filesystem::path from, std::filesystem::path to = {});
  bool may_be_there(const std::filesystem::path& path) const;  // below the folder
  void drop(UserId user);
  void put(UserId user, storage::EventId at);
  void begin_round();

  const Parts parts_;
  std::map<UserId, storage::EventId> at_;  // of those that have text logs: the last event that is in a file
  std::list<std::shared_ptr<Job>> moves_;  // come before the next page
  std::list<UserId> round_;                // of whom something is to be written, each a page in turn
  std::shared_ptr<Job> failed_;            // is tried again
  bool busy_ = false;                      // reading, or a worker is at it
  std::string trouble_;
  std::unique_ptr<net::Timer> timer_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace halley
