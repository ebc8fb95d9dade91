#include "bouncer/transfer/log_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <utility>

#include "bouncer/transfer/read_file.h"
#include "bouncer/transfer/text_log.h"

namespace halley::transfer {
namespace {

namespace fs = std::filesystem;

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<LogDate> date_of(std::string_view year, std::string_view month, std::string_view day) {
  if (year.size() != 4 || !all_digits(year) || !all_digits(month) || !all_digits(day)) return std::nullopt;
  const LogDate date{number(year), number(month), number(day)};
  const bool is_one =
      date.year >= 1988 && date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 31;
  return is_one ? std::optional(date) : std::nullopt;
}

// "2024-01-31" or "20240131" at the end of a name; takes it off with the mark before it.
std::optional<LogDate> take_name_date(std::string_view& name) {
  std::optional<LogDate> date;
  std::size_t size = 0;
  if (name.size() >= 10) {
    const std::string_view end = name.substr(name.size() - 10);
    if (end[4] == '-' && end[7] == '-') date = date_of(end.substr(0, 4), end.substr(5, 2), end.substr(8, 2));
    size = 10;
  }
  if (!date && name.size() >= 8) {
    const std::string_view end = name.substr(name.size() - 8);
    date = date_of(end.substr(0, 4), end.substr(4, 2), end.substr(6, 2));
    size = 8;
  }
  if (!date) return std::nullopt;
  name.remove_suffix(size);
  if (!name.empty() && std::string_view("._-").contains(name.back())) name.remove_suffix(1);
  return date;
}

// A channel stands at the end of "network_#channel", "irc.network.#channel", "user_network_#channel".
std::string target_of(std::string_view name) {
  if (name.empty() || std::string_view("#&").contains(name[0])) return std::string(name);
  const std::size_t mark = name.find_first_of("#&");
  if (mark != std::string_view::npos && std::string_view("_.-").contains(name[mark - 1]))
    return std::string(name.substr(mark));
  if (name.starts_with("irc.")) {
    if (name.starts_with("irc.server.")) return {};
    const std::size_t dot = name.find('.', 4);
    if (dot != std::string_view::npos) return std::string(name.substr(dot + 1));
  }
  for (const std::string_view own : {"status", "server", "Status", "(status)", "network"}) {
    if (name == own) return {};
  }
  return std::string(name);
}

std::string lines_were(std::uint64_t count) {
  return count == 1 ? "1 line was" : fmt::format("{} lines were", count);
}

std::expected<void, std::string> import_file(const LogFile& file, const std::string& own_nick,
                                             LocalTime& zone, LogSink& sink, ImportReport& report) {
  std::ifstream in(file.path, std::ios::binary);
  if (!in) {
    report.remark(fmt::format("{} cannot be read", file.path.string()));
    return {};
  }
  ++report.files;
  const LogPlace place{file.target, own_nick};
  TextLog log(zone, file.date);
  std::string text;
  ForeignLine line;
  std::uint64_t unknown = 0, undated = 0;
  for (NextLine next = next_line(in, text); next != NextLine::kNone; next = next_line(in, text)) {
    if (next == NextLine::kLong || text.contains('\0')) {
      ++unknown;
      sink.not_taken();
      continue;
    }
    switch (log.read(text, line)) {
      case TextLog::What::kLine:
        if (auto added = sink.add(line, place); !added) return added;
        break;
      case TextLog::What::kMark:
        break;
      case TextLog::What::kUnknown:
        ++unknown;
        sink.not_taken();
        break;
      case TextLog::What::kNoDate:
        ++undated;
        sink.not_taken();
    }
  }
  if (in.bad()) report.remark(fmt::format("{} cannot be read to its end", file.path.string()));
  if (unknown > 0)
    report.remark(fmt::format("{}: {} not understood", file.path.string(), lines_were(unknown)));
  if (undated > 0)
    report.remark(fmt::format("{}: no date in {}, nor in the file's name", file.path.string(),
                              undated == 1 ? "1 line" : fmt::format("{} lines", undated)));
  return {};
}

}  // namespace

LogFile log_file(const fs::path& below) {
  const std::string whole = below.filename().string(), folder = below.parent_path().filename().string();
  std::string_view name = whole;
  for (const std::string_view end : {".weechatlog", ".log", ".txt"}) {
    if (name.size() > end.size() && name.ends_with(end)) {
      name.remove_suffix(end.size());
      break;
    }
  }
  // bip: 2024-01/#channel.31.log
  const bool month =
      folder.size() == 7 && folder[4] == '-' && name.size() > 3 && name[name.size() - 3] == '.';
  if (month) {
    const std::string_view days = name.substr(name.size() - 2), all = folder;
    if (const auto date = date_of(all.substr(0, 4), all.substr(5), days))
      return {below, target_of(name.substr(0, name.size() - 3)), *date};
  }
  const auto date = take_name_date(name);
  // ZNC, soju and catgirl: #channel/2024-01-31.log
  if (date && name.empty()) return {below, target_of(folder), *date};
  return {below, target_of(name), date.value_or(LogDate{})};
}

std::expected<std::vector<LogFile>, std::string> log_files(const fs::path& folder, ImportReport& report,
                                                           std::size_t most) {
  std::vector<LogFile> files;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  if (error) return std::unexpected(fmt::format("{} cannot be read: {}", folder.string(), error.message()));
  while (at != fs::recursive_directory_iterator()) {
    if (at->is_regular_file(error) && !at->is_symlink(error)) {
      LogFile file = log_file(at->path().lexically_relative(folder));
      file.path = at->path();
      files.push_back(std::move(file));
    }
    if (files.size() >= most) {
      report.remark(fmt::format("more than {} files in {}: the rest was left out", most, folder.string()));
      break;
    }
    at.increment(error);
    if (error) {
      report.remark(fmt::format("not all of {} can be read: {}", folder.string(), error.message()));
      break;
    }
  }
  std::ranges::sort(files, [](const LogFile& a, const LogFile& b) {
    return std::tie(a.target, a.date.year, a.date.month, a.date.day, a.path) <
           std::tie(b.target, b.date.year, b.date.month, b.date.day, b.path);
  });
  return files;
}

std::expected<void, std::string> import_log_files(const fs::path& folder, const std::string& own_nick,
                                                  LogSink& sink, ImportReport& report) {
  const auto files = log_files(folder, report);
  if (!files) return std::unexpected(files.error());
  LocalTime zone;
  for (const LogFile& file : *files) {
    if (auto done = import_file(file, own_nick, zone, sink, report); !done) return done;
  }
  return {};
}

}  // namespace halley::transfer
