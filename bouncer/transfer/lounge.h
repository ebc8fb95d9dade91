// The Lounge's folder: users as JSON, and their logs in SQLite. Blocking; not thread safe.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/transfer/foreign_accounts.h"
#include "bouncer/transfer/log_sink.h"

namespace halley::transfer {

// `text`: of users/NAME.json.
std::expected<ForeignUser, std::string> parse_lounge_user(const std::string& name, std::string_view text,
                                                          ImportReport& report);
// All of users/*.json in `folder`.
std::expected<std::vector<ForeignUser>, std::string> read_lounge_users(const std::filesystem::path& folder,
                                                                       ImportReport& report);
// logs/NAME.sqlite3 of each of `users`. REQUIRES: `places` is what put_accounts() gave for them.
std::expected<void, std::string> import_lounge_logs(const std::filesystem::path& folder,
                                                    const std::vector<ForeignUser>& users,
                                                    const Places& places, LogSink& sink,
                                                    ImportReport& report);

}  // namespace halley::transfer
