// What an import has taken, and what it could not take and why. A plain value. Owner and thread: whoever
// imports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace halley::transfer {

struct ImportReport {
  static constexpr std::size_t kMostRemarks = 200;  // further ones are counted

  std::uint64_t users = 0, networks = 0, channels = 0;             // added
  std::uint64_t lines = 0, known_lines = 0, unreadable_lines = 0;  // new, there already, not taken
  std::uint64_t files = 0;
  std::vector<std::string> remarks;  // a sentence each
  std::uint64_t further_remarks = 0;

  void remark(std::string text) {
    if (remarks.size() < kMostRemarks) {
      remarks.push_back(std::move(text));
    } else {
      ++further_remarks;
    }
  }
};

}  // namespace halley::transfer
