// soju's SQLite database, of every version, and its folder of logs. Blocking; not thread safe.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "bouncer/transfer/foreign_accounts.h"
#include "bouncer/transfer/log_sink.h"
#include "storage/api/foreign_database.h"

namespace halley::transfer {

std::expected<std::vector<ForeignUser>, std::string> read_soju_accounts(storage::ForeignDatabase& database,
                                                                        ImportReport& report);
// The messages that the database holds; those of networks that are not in `places` are counted as not taken.
// REQUIRES: `places` is what put_accounts() gave.
std::expected<void, std::string> import_soju_messages(storage::ForeignDatabase& database,
                                                      const Places& places, LogSink& sink,
                                                      ImportReport& report);

// Where soju's file store has the logs of a network, below its folder.
std::filesystem::path soju_log_folder(const std::filesystem::path& logs, const std::string& user,
                                      const std::string& network);

}  // namespace halley::transfer
