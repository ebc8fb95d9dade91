#include "bouncer/daemon/sandbox.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace halley {
namespace {

std::unexpected<std::string> refused(const char* what) {
  return std::unexpected(fmt::format("the kernel refuses {}: {}; sandbox.enabled = false goes without", what,
                                     std::strerror(errno)));
}

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kMachine = 0;  // which numbers its calls have is not known here
#endif

// Never made by what this program is made of. A library that tries hears EPERM.
constexpr std::uint32_t kRefusedCalls[] = {
    __NR_execve,
    __NR_execveat,
    __NR_process_vm_readv,
    __NR_process_vm_writev,
    __NR_pidfd_getfd,
    __NR_kexec_load,
#ifdef __NR_kexec_file_load
    __NR_kexec_file_load,
#endif
    __NR_truncate,  // by name: Landlock knows it from version 3 on only
    __NR_init_module,
    __NR_finit_module,
    __NR_delete_module,
    __NR_mount,
    __NR_umount2,
    __NR_pivot_root,
    __NR_chroot,
    __NR_setns,
    __NR_unshare,
    __NR_bpf,
    __NR_perf_event_open,
    __NR_add_key,
    __NR_keyctl,
    __NR_request_key,
    __NR_userfaultfd,
    __NR_reboot,
    __NR_swapon,
    __NR_swapoff,
    __NR_open_by_handle_at,
    __NR_personality,
    __NR_acct,
    __NR_settimeofday,
    __NR_clock_settime,
    __NR_sethostname,
    __NR_setdomainname,
    __NR_quotactl,
    __NR_setuid,
    __NR_setgid,
    __NR_setreuid,
    __NR_setregid,
    __NR_setresuid,
    __NR_setresgid,
    __NR_setgroups,
    __NR_io_uring_setup,
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    __NR_ptrace,  // the leak sanitizer stops threads by it
#endif
};

// False: this machine's calls are not known.
std::expected<bool, std::string> refuse_calls() {
  if (kMachine == 0) return false;
  std::vector<sock_filter> code;
  const auto load = [&code](std::size_t at) {
    code.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(at)));
  };
  load(offsetof(seccomp_data, arch));
  code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kMachine, 1, 0));
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
  // The calls of x32 are the same ones under other numbers.
  code.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, 0, 1));
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
#endif
  for (const std::uint32_t call : kRefusedCalls) {
    code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  }
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  if (::syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0) return true;
  // A kernel without it, or a service manager that has a filter of its own, and allows no other.
  if (errno == ENOSYS || errno == EINVAL || errno == EPERM) return false;
  return refused("to filter system calls");
}

constexpr std::uint64_t kReading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kWriting = kReading | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                   LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                   LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                                   LANDLOCK_ACCESS_FS_MAKE_SYM;
constexpr std::uint64_t kOfFiles =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE;
constexpr std::uint64_t kFirstVersion = kWriting | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                                        LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK;

class Ruleset {
 public:
  Ruleset(const landlock_ruleset_attr& attributes)
      : fd_(static_cast<int>(::syscall(__NR_landlock_create_ruleset, &attributes, sizeof attributes, 0))) {}
  ~Ruleset() {
    if (fd_ >= 0) ::close(fd_);
  }
  Ruleset(const Ruleset&) = delete;
  Ruleset& operator=(const Ruleset&) = delete;
  bool made() const { return fd_ >= 0; }

  // What is not there is no reason to stop. A rule for a single file with the rights of a folder in it is
  // refused whole, so those are left out there.
  bool allow(const std::filesystem::path& path, std::uint64_t access) const {
    const int at = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (at < 0) return true;
    struct stat what {};
    const bool folder = ::fstat(at, &what) == 0 && S_ISDIR(what.st_mode);
    const landlock_path_beneath_attr rule{.allowed_access = folder ? access : access & kOfFiles,
                                          .parent_fd = at};
    const bool done = ::syscall(__NR_landlock_add_rule, fd_, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    ::close(at);
    return done;
  }
  bool enter() const { return ::syscall(__NR_landlock_restrict_self, fd_, 0) == 0; }

 private:
  const int fd_;
};

// False: a kernel without Landlock.
std::expected<bool, std::string> refuse_files(const SandboxFolders& folders) {
  const long version = ::syscall(__NR_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  landlock_ruleset_attr attributes{};
  // Links and renames from one folder to another are refused altogether in version 1, and known from 2 on.
  const std::uint64_t link = version >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0;
  attributes.handled_access_fs = kFirstVersion | link;
  const Ruleset rules(attributes);
  if (!rules.made()) return refused("a set of rules for files");
  bool allowed = true;
  for (const auto& folder : folders.read) allowed = allowed && rules.allow(folder, kReading);
  for (const auto& folder : folders.write) allowed = allowed && rules.allow(folder, kWriting | link);
  for (const char* device : {"/dev/null", "/dev/urandom", "/dev/random"})
    allowed = allowed && rules.allow(device, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE);
  if (!allowed) return refused("a rule for files");
  if (!rules.enter()) return refused("to keep other files out");
  return true;
}

}  // namespace

std::vector<std::filesystem::path> system_folders() {
  return {"/etc",
          "/usr",
          "/lib",
          "/lib64",
          "/proc",
          "/run",
          "/sys/devices/system/cpu",
          "/var/lib/ca-certificates"};
}

std::expected<Sandbox, std::string> enter_sandbox(const SandboxFolders& folders) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("to give up new privileges");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return refused("to do without core dumps");
  const auto files = refuse_files(folders);
  if (!files) return std::unexpected(files.error());
  const auto calls = refuse_calls();
  if (!calls) return std::unexpected(calls.error());
  return Sandbox{
      fmt::format("no new privileges, no core dumps{}{}",
                  *files ? ", no files but its own" : " (this kernel has no Landlock: other files are open)",
                  *calls ? ", no programs" : " (system calls are not filtered on this machine)"),
      *files && *calls};
}

namespace {

// A list of OpenSSL's, such as SSL_CERT_DIR.
std::vector<std::filesystem::path> listed(std::string_view list) {
  std::vector<std::filesystem::path> all;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(':'), list.size());
    if (end > 0) all.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return all;
}

}  // namespace

SandboxFolders daemon_folders(const Config& config, const std::filesystem::path& config_file) {
  namespace fs = std::filesystem;
  std::error_code told_later;  // when the data are opened
  SandboxFolders folders{system_folders(), {config.data_dir}};
  // Where links lead, too: certificates and the resolver's file are often elsewhere.
  std::vector<fs::path> files{config_file, config.tls.cert, config.tls.key, "/etc/resolv.conf"};
  std::vector<fs::path> certificates;
  if (const char* value = std::getenv("SSL_CERT_DIR")) certificates = listed(value);
  if (const char* value = std::getenv("SSL_CERT_FILE")) certificates.emplace_back(value);
  for (const fs::path& one : certificates) {
    files.push_back(one);
    folders.read.push_back(one);
  }
  for (const fs::path& file : files) {
    if (file.empty()) continue;
    folders.read.push_back(fs::absolute(file).parent_path());
    folders.read.push_back(fs::weakly_canonical(file, told_later).parent_path());
  }
  for (const char* name : {"halley.db", "halley.journal"})
    folders.write.push_back(fs::weakly_canonical(config.data_dir / name, told_later).parent_path());
  folders.write.push_back(fs::weakly_canonical(config.data_dir / "uploads", told_later));
  for (const ListenUrl& url : config.listen) {
    if (!url.unix_path.empty()) folders.write.push_back(fs::path(url.unix_path).parent_path());
  }
  if (const fs::path& file = config.upstream.oidentd_file; !file.empty())
    folders.write.push_back(fs::absolute(file).parent_path());
  for (const std::string& folder : config.sandbox.write) folders.write.emplace_back(folder);
  return folders;
}

}  // namespace halley
