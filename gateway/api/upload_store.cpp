#include "gateway/api/upload_store.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include "bouncer/accounts/digest.h"

namespace halley::gateway {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTokenSize = 43;  // of random_token

// What browsers show without running anything. SVG and HTML are programs.
constexpr std::array kUploadTypes = {
    UploadType{"png", "image/png", true},
    UploadType{"jpg", "image/jpeg", true},
    UploadType{"gif", "image/gif", true},
    UploadType{"webp", "image/webp", true},
    UploadType{"avif", "image/avif", true},
    UploadType{"mp4", "video/mp4", true},
    UploadType{"webm", "video/webm", true},
    UploadType{"mp3", "audio/mpeg", true},
    UploadType{"ogg", "audio/ogg", true},
    UploadType{"m4a", "audio/mp4", true},
    UploadType{"wav", "audio/wav", true},
    UploadType{"txt", "text/plain; charset=utf-8", true},
    UploadType{"pdf", "application/pdf", false},
    UploadType{"zip", "application/zip", false},
    UploadType{"bin", "application/octet-stream", false},
};

bool is_upload_name(std::string_view name) {
  return name.size() > kTokenSize + 1 && name[kTokenSize] == '.' &&
         upload_type_of(name).ending == name.substr(kTokenSize + 1) &&
         std::ranges::all_of(name.substr(0, kTokenSize), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_';
         });
}

}  // namespace

const UploadType& upload_type(std::string_view media_type) {
  const std::string_view bare = media_type.substr(0, media_type.find(';'));
  for (const UploadType& type : kUploadTypes)
    if (bare == type.type.substr(0, type.type.find(';'))) return type;
  return kUploadTypes.back();
}

const UploadType& upload_type_of(std::string_view name) {
  const std::string_view ending = name.substr(std::min(name.rfind('.') + 1, name.size()));
  for (const UploadType& type : kUploadTypes)
    if (ending == type.ending) return type;
  return kUploadTypes.back();
}

UploadStore::UploadStore(net::Loop& loop, net::Random& random, fs::path folder)
    : loop_(loop), random_(random), folder_(std::move(folder)) {}

std::string UploadStore::open(const std::function<bool(UserId)>& known) {
  std::error_code error;
  if (!fs::exists(folder_, error)) return {};
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    UserId user = 0;
    const auto [rest, bad] = std::from_chars(name.data(), name.data() + name.size(), user);
    const bool number = bad == std::errc{} && rest == name.data() + name.size();
    std::error_code kept;
    if (number && known(user))
      scan(user, at->path());
    else
      fs::remove_all(at->path(), kept);
  }
  return error ? fmt::format("{} cannot be read: {}", folder_.string(), error.message()) : std::string();
}

void UploadStore::scan(UserId user, const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    struct stat status {};
    const bool there = ::lstat(at->path().c_str(), &status) == 0 && S_ISREG(status.st_mode);
    if (there && is_upload_name(name)) {
      add(user, {name, static_cast<std::uint64_t>(status.st_size), std::int64_t{status.st_mtime} * 1000});
    } else {
      std::error_code ignored;  // it is looked at again at the next start
      fs::remove(at->path(), ignored);
    }
  }
}

std::vector<UploadStore::File> UploadStore::list(UserId user) const {
  std::vector<File> out;
  if (const auto at = files_.find(user); at != files_.end())
    for (const auto& [name, file] : at->second) out.push_back(file);
  std::ranges::sort(out, {}, [](const File& file) { return std::pair(file.time_ms, file.name); });
  return out;
}

std::optional<UserId> UploadStore::owner(std::string_view name) const {
  const auto at = owners_.lower_bound({std::string(name), 0});
  return at == owners_.end() || at->first != name ? std::nullopt : std::optional(at->second);
}

const UploadStore::File* UploadStore::find(UserId user, std::string_view name) const {
  const auto files = files_.find(user);
  if (files == files_.end()) return nullptr;
  const auto at = files->second.find(name);
  return at == files->second.end() ? nullptr : &at->second;
}

fs::path UploadStore::path(UserId user, std::string_view name) const {
  return folder_ / std::to_string(user) / name;
}

std::uint64_t UploadStore::bytes_of(UserId user) const {
  const auto on_the_way = coming_.find(user);
  std::uint64_t bytes = on_the_way == coming_.end() ? 0 : on_the_way->second->bytes;
  if (const auto at = files_.find(user); at != files_.end())
    for (const auto& [name, file] : at->second) bytes += file.bytes;
  return bytes;
}

std::size_t UploadStore::files_of(UserId user) const {
  const auto at = files_.find(user);
  return at == files_.end() ? 0 : at->second.size();
}

std::string UploadStore::new_name(const UploadType& type) {
  return fmt::format("{}.{}", random_token("", random_), type.ending);
}

std::shared_ptr<UploadStore::Coming> UploadStore::make_coming(UserId user) {
  std::shared_ptr<Coming>& all = coming_[user];
  if (!all) all = std::make_shared<Coming>();
  return all;
}

void UploadStore::add(UserId user, File file) {
  owners_.emplace(file.name, user);
  std::string name = file.name;
  files_[user][std::move(name)] = std::move(file);
}

bool UploadStore::remove(UserId user, std::string_view name) {
  const File* file = find(user, name);
  if (file == nullptr) return false;
  loop_.work(
      [path = path(user, name)] {
        std::error_code ignored;  // it is not served any more; one that stays is found at the next start
        fs::remove(path, ignored);
      },
      [] {});
  const std::string gone(name);
  owners_.erase({gone, user});
  files_[user].erase(gone);
  return true;
}

void UploadStore::forget(UserId user) {
  if (const auto at = files_.find(user); at != files_.end())
    for (const auto& [name, file] : at->second) owners_.erase({name, user});
  files_.erase(user);
  if (const auto at = coming_.find(user); at != coming_.end()) {
    at->second->over = true;
    coming_.erase(at);
  }
  loop_.work(
      [folder = folder_ / std::to_string(user)] {
        std::error_code ignored;  // what stays is removed at the next start
        fs::remove_all(folder, ignored);
      },
      [] {});
}

}  // namespace halley::gateway
