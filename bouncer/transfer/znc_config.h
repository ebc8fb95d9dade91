// ZNC's configuration, of every version: users, passwords, networks, servers, channels, and what its modules
// sasl and perform keep beside it. Blocking; any thread.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/transfer/foreign_accounts.h"

namespace halley::transfer {

// `text`: of znc.conf. The error names the line. `report` hears of what has no like here.
std::expected<std::vector<ForeignUser>, std::string> parse_znc_config(std::string_view text,
                                                                      ImportReport& report);

// What the modules keep in ZNC's folder, into `users`.
void add_znc_modules(const std::filesystem::path& folder, std::vector<ForeignUser>& users,
                     ImportReport& report);

// The folders in which the log module of a network writes: those that are there.
std::vector<std::filesystem::path> znc_log_folders(const std::filesystem::path& folder,
                                                   const std::string& user, const std::string& network);

}  // namespace halley::transfer
