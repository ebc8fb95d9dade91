// The folder of the data: made if it is not there, and closed to others. Called by open_store() before any
// file is opened. Thread: the caller's.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace halley::storage {

// Makes the folder, mode 0700. Nobody else may write into it, or read or write a file of the store in it:
// what others may is taken from them, and told in `notices`; where that cannot be done, the error says what
// to do.
std::expected<void, std::string> prepare_data_folder(const std::filesystem::path& folder,
                                                     std::vector<std::string>& notices);

}  // namespace halley::storage
