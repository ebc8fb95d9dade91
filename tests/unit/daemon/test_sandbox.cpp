// A child goes into the sandbox and tries what it may not do.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <thread>

#include "bouncer/daemon/sandbox.h"
#include "tests/fakes/temp_directory.h"

using namespace halley;

namespace {

// What `probe` gives in a child that is in the sandbox; -1: it could not enter.
int in_sandbox(const SandboxFolders& folders, const std::function<int()>& probe) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto entered = enter_sandbox(folders);
    ::_exit(entered ? probe() : 99);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status) == 99 ? -1 : WEXITSTATUS(status);
}

// 0: it can be done; else errno.
int open_error(const std::filesystem::path& file, int flags) {
  const int fd = ::open(file.c_str(), flags | O_CLOEXEC, 0600);
  if (fd < 0) return errno;
  ::close(fd);
  return 0;
}

bool has_landlock() {
  return in_sandbox({}, [] { return open_error("/etc/passwd", O_RDONLY); }) == EACCES;
}

}  // namespace

TEST_CASE("in the sandbox no program is started, and nobody is looked into") {
  const SandboxFolders folders{system_folders(), {}};
  CHECK(in_sandbox(folders, [] {
          ::execl("/bin/true", "true", nullptr);
          return errno;
        }) == EPERM);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  CHECK(in_sandbox(folders, [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == -1 ? errno : 0; }) ==
        EPERM);
#endif
  CHECK(in_sandbox(folders, [] { return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); }) == 1);
  CHECK(in_sandbox(folders, [] { return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }) == 0);
  CHECK(in_sandbox(folders, [] { return ::setgid(::getgid()) == -1 ? errno : 0; }) == EPERM);
}

TEST_CASE("in the sandbox there are no files but its own") {
  if (!has_landlock()) {
    WARN("this kernel has no Landlock");
    return;
  }
  const fakes::TempDirectory own, other;
  std::ofstream(other / "secret") << "x";
  const SandboxFolders folders{system_folders(), {own.path(), own / "not there"}};
  CHECK(in_sandbox(folders, [&] { return open_error(other / "secret", O_RDONLY); }) == EACCES);
  CHECK(in_sandbox(folders, [&] { return open_error(other / "new", O_WRONLY | O_CREAT); }) == EACCES);
  CHECK(in_sandbox(folders, [&] { return open_error("/etc/new", O_WRONLY | O_CREAT); }) != 0);
  CHECK(in_sandbox(folders, [&] { return open_error("/etc/passwd", O_RDONLY); }) == 0);
  CHECK(in_sandbox(folders, [&] { return open_error("/dev/null", O_WRONLY); }) == 0);
  CHECK(in_sandbox(folders, [&] {
          if (open_error(own / "new", O_RDWR | O_CREAT) != 0) return 1;
          if (::link((own / "new").c_str(), (own / "name").c_str()) != 0) return 2;
          if (::rename((own / "name").c_str(), (own / "other").c_str()) != 0) return 3;
          return ::unlink((own / "other").c_str()) != 0 ? 4 : 0;
        }) == 0);
  // A single file may be given, too: SSL_CERT_FILE names one, a configuration its certificate and key.
  std::ofstream(other / "given") << "x";
  const SandboxFolders files{{other / "given"}, {own / "new"}};
  std::ofstream(own / "new") << "x";
  CHECK(in_sandbox(files, [&] { return open_error(other / "given", O_RDONLY); }) == 0);
  CHECK(in_sandbox(files, [&] { return open_error(other / "given", O_WRONLY); }) == EACCES);
  CHECK(in_sandbox(files, [&] { return open_error(own / "new", O_RDWR); }) == 0);
  CHECK(in_sandbox(files, [&] { return open_error(other / "secret", O_RDONLY); }) == EACCES);
  // Threads that are made later are in it, too.
  CHECK(in_sandbox(folders, [&] {
          int error = 0;
          std::thread([&] { error = open_error(other / "secret", O_RDONLY); }).join();
          return error;
        }) == EACCES);
}

TEST_CASE("the daemon's folders are those that links lead to, and each of OpenSSL's list") {
  const fakes::TempDirectory own, other;
  Config config;
  config.data_dir = own.path();
  std::filesystem::create_directories(other / "files");
  std::filesystem::create_directory_symlink(other / "files", own / "uploads");
  std::filesystem::create_symlink(other / "halley.db", own / "halley.db");
  std::ofstream(other / "halley.db") << "x";
  const std::string list = (other / "a").string() + "::" + (other / "b").string();
  REQUIRE(::setenv("SSL_CERT_DIR", list.c_str(), 1) == 0);
  const SandboxFolders folders = daemon_folders(config, own / "halley.toml");
  REQUIRE(::unsetenv("SSL_CERT_DIR") == 0);
  const auto has = [](const auto& all, const std::filesystem::path& one) {
    return std::ranges::find(all, one) != all.end();
  };
  CHECK(has(folders.write, own.path()));
  CHECK(has(folders.write, std::filesystem::canonical(other / "files")));
  CHECK(has(folders.write, std::filesystem::canonical(other.path())));
  CHECK(has(folders.read, other / "a"));
  CHECK(has(folders.read, other / "b"));
  CHECK_FALSE(has(folders.read, list));
}
