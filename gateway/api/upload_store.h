// Files that users have uploaded: which there are, in memory, and their bytes in data_dir/uploads/USER/NAME,
// readable by Halley alone. A name cannot be guessed; its ending says the type. What is half there when
// Halley ends is removed at the next start, as is what belongs to nobody.
//
// Thread: the loop's; files are touched on worker threads, but for the look around at the start. Owner: the
// composition root; the loop outlives it. Bounds: kMost... below, and each user's upload-quota. A successor
// looks around as a start does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/accounts/ids.h"
#include "bouncer/net/loop.h"

namespace halley::gateway {

struct UploadType {
  std::string_view ending, type;
  bool shown;  // by browsers, in place; else it is saved
};
// By its media type; what is not among them is a file that is saved.
const UploadType& upload_type(std::string_view media_type);
const UploadType& upload_type_of(std::string_view name);  // by its ending

class UploadStore {
 public:
  static constexpr std::size_t kMostFiles = 1000;                        // of a user
  static constexpr std::uint64_t kMostUpload = std::uint64_t{25} << 20;  // bytes of one

  UploadStore(net::Loop& loop, net::Random& random, std::filesystem::path folder);

  // At start: what is there. `known`: is there such a user? An error is one sentence.
  // REQUIRES: called once, before anything else.
  std::string open(const std::function<bool(UserId)>& known);

  struct File {
    std::string name;
    std::uint64_t bytes = 0;
    std::int64_t time_ms = 0;
  };
  std::vector<File> list(UserId user) const;  // the oldest first
  // Whose it is, or one of theirs; nullopt: there is none.
  std::optional<UserId> owner(std::string_view name) const;
  const File* find(UserId user, std::string_view name) const;
  // REQUIRES: `name` is one that new_name() has given.
  std::filesystem::path path(UserId user, std::string_view name) const;
  std::uint64_t bytes_of(UserId user) const;  // those on their way among them
  std::size_t files_of(UserId user) const;

  bool remove(UserId user, std::string_view name);
  void forget(UserId user);  // the user has been removed

  // --- For an upload ---
  std::string new_name(const UploadType& type);
  // What is on its way of a user's, all of it together: begun if nothing was yet.
  struct Coming {
    std::uint64_t bytes = 0;
    bool over = false;  // the user has been removed: nothing is taken any more
  };
  std::shared_ptr<Coming> make_coming(UserId user);
  void add(UserId user, File file);  // REQUIRES: it is whole in its place, path()
  net::Loop& loop() { return loop_; }
  std::weak_ptr<int> alive() const { return alive_; }  // expires with the store: for what comes later

 private:
  void scan(UserId user, const std::filesystem::path& folder);

  net::Loop& loop_;
  net::Random& random_;
  const std::filesystem::path folder_;
  std::map<UserId, std::map<std::string, File, std::less<>>> files_;
  std::set<std::pair<std::string, UserId>> owners_;  // several: an import stands beside its user
  std::map<UserId, std::shared_ptr<Coming>> coming_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace halley::gateway
