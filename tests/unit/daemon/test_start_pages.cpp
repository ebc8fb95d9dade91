#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>

#include "bouncer/daemon/start_pages.h"

namespace {

// KB of the mappings of this program's file that nobody may write which are in memory, by /proc/self/smaps.
std::size_t code_in_memory() {
  char name[4096];
  const ssize_t size = ::readlink("/proc/self/exe", name, sizeof name);
  const std::string self(name, static_cast<std::size_t>(size));
  std::ifstream maps("/proc/self/smaps");
  std::size_t sum = 0;
  bool ours = false;
  for (std::string line; std::getline(maps, line);) {
    if (line.find('-') < line.find(' ') && line.find('-') < line.find(':'))
      ours = line.ends_with(self) && !line.substr(line.find(' ') + 1, 4).contains('w');
    if (ours && line.starts_with("Rss:")) sum += std::stoul(line.substr(4));
  }
  return sum;
}

}  // namespace

TEST_CASE("code that only the start needed leaves the memory, and is there again when it is called") {
  // All of it was needed once. Read by the kernel: a sanitizer would take it for a program's mistake.
  std::ifstream maps("/proc/self/maps");
  char name[4096];
  const std::string self(name, static_cast<std::size_t>(::readlink("/proc/self/exe", name, sizeof name)));
  const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  REQUIRE(memory >= 0);
  for (std::string line; std::getline(maps, line);) {
    if (!line.ends_with(self) || line.substr(line.find(' ') + 1, 4).contains('w')) continue;
    const auto begin = std::stoull(line, nullptr, 16);
    const auto end = std::stoull(line.substr(line.find('-') + 1), nullptr, 16);
    char byte = 0;
    for (auto at = begin; at < end; at += 4096) CHECK(::pread(memory, &byte, 1, static_cast<off_t>(at)) == 1);
  }
  ::close(memory);
  const std::size_t before = code_in_memory();
  halley::forget_start_pages();
  const std::size_t after = code_in_memory();
  INFO(before << " KB, then " << after);
  CHECK(after < before / 2);
}
