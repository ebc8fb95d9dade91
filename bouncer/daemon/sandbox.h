// What the daemon gives up for good before it starts a thread: new privileges, core dumps (they would hold
// passwords and what people say), system calls that it never makes (starting programs, looking into others,
// changing the system), and all files but its own. What a kernel does not have is left out, and told.
//
// Thread: the program's first, while it is the only one: threads take it over when they are made.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "bouncer/config/config.h"

namespace halley {

struct SandboxFolders {
  std::vector<std::filesystem::path> read,
      write;  // with all below them; those that are not there are passed over
};

// What stands now, in words for the log; an error: the kernel refuses what it said it has.
struct Sandbox {
  std::string what;
  bool whole;  // false: this kernel does not have all of it
};
// REQUIRES: called once; there is no other thread.
std::expected<Sandbox, std::string> enter_sandbox(const SandboxFolders& folders);

// What libraries read while the daemon runs: names, certificates, zones, libraries themselves.
std::vector<std::filesystem::path> system_folders();
// These and the daemon's own, and where links among them lead. Of its environment: SSL_CERT_FILE and
// SSL_CERT_DIR, as OpenSSL reads them.
SandboxFolders daemon_folders(const Config& config, const std::filesystem::path& config_file);

}  // namespace halley
