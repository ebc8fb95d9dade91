// doctor: looks for what is wrong with an installation, and says the remedy.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "bouncer/accounts/network_settings.h"
#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/text_table.h"
#include "bouncer/net/tls_certificate.h"

namespace halley::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLeastFree = 500'000'000, kIndexMayBehind = 100'000;
// Litestream cuts the log at 40 MiB, unless it is told otherwise or is not there.
constexpr std::uint64_t kLogIsLeft = std::uint64_t{256} << 20;
constexpr std::size_t kMostToldNetworks = 20;
constexpr std::int64_t kDayS = 86'400, kRenewDays = 14;

struct Diagnosis {
  enum class How { kWell, kCare, kBad } how = How::kWell;
  std::string what;    // what was looked at, and what it is like
  std::string remedy;  // unless it is well
};
using How = Diagnosis::How;

struct Report {
  std::vector<Diagnosis> findings;
  void well(std::string what) { findings.push_back({How::kWell, std::move(what), {}}); }
  void care(std::string what, std::string remedy) {
    findings.push_back({How::kCare, std::move(what), std::move(remedy)});
  }
  void bad(std::string what, std::string remedy) {
    findings.push_back({How::kBad, std::move(what), std::move(remedy)});
  }
};

void look_at_disk(const Config& config, const storage::StoreFigures& figures, Report& out) {
  struct statvfs disk {};
  if (::statvfs(config.data_dir.c_str(), &disk) != 0)
    return out.bad(fmt::format("disk: {} cannot be looked at", config.data_dir.string()),
                   "see that it is there");
  const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  std::string what = fmt::format("disk: {} free for {} of data", format_bytes(free),
                                 format_bytes(figures.database_bytes + figures.wal_bytes));
  if (free >= kLeastFree) return out.well(std::move(what));
  out.care(std::move(what), "make room, or have old lines removed: history.retention_days");
}

void look_at_file(const fs::path& file, mode_t closed, Report& out) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return;
  const auto mode = static_cast<unsigned>(info.st_mode & 07777);
  if ((info.st_mode & closed) != 0) {
    return out.bad(fmt::format("permissions: {} is open to others (mode {:04o})", file.string(), mode),
                   fmt::format("chmod {} {}", S_ISDIR(info.st_mode) ? "700" : "600", file.string()));
  }
  if (info.st_uid != ::geteuid())
    out.bad(fmt::format("permissions: {} belongs to uid {}", file.string(), info.st_uid),
            fmt::format("chown it to the user that runs Halley (uid {})", ::geteuid()));
}

void look_at_key(const Config& config, Report& out) {
  const fs::path key = config.data_dir / "halley.key";
  std::error_code error;
  if (fs::exists(key, error)) return;
  out.bad(fmt::format("key: {} is missing", key.string()),
          "put back the one that belongs to these data; the next start makes another one, which opens none "
          "of the "
          "networks' passwords");
}

void look_at_permissions(const Config& config, Report& out) {
  const std::size_t before = out.findings.size();
  look_at_file(config.data_dir, S_IWGRP | S_IWOTH, out);
  for (const char* name : {"halley.db", "halley.db-wal", "halley.journal", "halley.key", "tls-key.pem"})
    look_at_file(config.data_dir / name, S_IRWXG | S_IRWXO, out);
  if (out.findings.size() == before) out.well("permissions: the data are closed to others");
}

void look_at_certificate(const Config& config, const net::Clock& clock, Report& out) {
  const bool own = config.tls.cert.empty();
  const fs::path file = own ? config.data_dir / "tls-cert.pem" : config.tls.cert;
  std::ifstream in(file);
  if (!in) {
    if (!own) out.bad(fmt::format("TLS: {} cannot be read", file.string()), "see tls.cert in halley.toml");
    return;
  }
  const auto facts = net::certificate_facts(std::string{std::istreambuf_iterator<char>(in), {}});
  if (!facts)
    return out.bad(fmt::format("TLS: {}: {}", file.string(), facts.error()), "put a certificate there");
  const std::string renew =
      own ? fmt::format("remove {} and tls-key.pem, and start Halley again", file.string())
          : "renew it, then: halley reload";
  const std::int64_t now = clock.wall_us() / 1'000'000, days = (facts->until_s - now) / kDayS;
  const std::string until = format_time(facts->until_s * 1000);
  if (now < facts->from_s)
    return out.bad(fmt::format("TLS: {} is not yet valid", file.string()), "look at the clock, or renew it");
  if (now >= facts->until_s)
    return out.bad(fmt::format("TLS: {} expired at {}", file.string(), until), renew);
  if (!facts->linked || (facts->count == 1 && !facts->self_signed)) {
    out.bad(fmt::format("TLS: {} has no whole chain: clients will not trust it", file.string()),
            "put the certificate first and the authority's intermediate ones behind it (often called "
            "fullchain.pem)");
  }
  if (days < kRenewDays) return out.care(fmt::format("TLS: {} expires at {}", file.string(), until), renew);
  out.well(
      fmt::format("TLS: {} is valid until {}{}", file.string(), until,
                  facts->self_signed ? ", and self-signed: clients have to be told its fingerprint" : ""));
}

void look_at_clock(Report& out) {
  timex state{};
  const int code = ::adjtimex(&state);
  if (code == TIME_ERROR && (state.status & STA_UNSYNC) != 0)
    return out.care("clock: nothing keeps it right", "run a time service, for instance systemd-timesyncd");
  if (code < 0) return;  // this system does not tell
  out.well("clock: it is kept right");
}

void look_at_limits(const Config& config, Report& out) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const std::uint64_t wanted = std::uint64_t{config.limits.connections} + 256;
  std::string what = fmt::format("files: {} may be open at once, limits.connections is {}", limit.rlim_max,
                                 config.limits.connections);
  if (limit.rlim_max >= wanted) return out.well(std::move(what));
  out.care(std::move(what),
           fmt::format("LimitNOFILE={} in the unit, or a smaller limits.connections", wanted));
}

void look_at_sandbox(const Daemon* daemon, Report& out) {
  if (daemon == nullptr) return;  // it is the daemon that goes into one
  const SandboxStatus sandbox = daemon->sandbox();
  std::string what = "sandbox: " + sandbox.what;
  if (sandbox.whole) return out.well(std::move(what));
  out.care(std::move(what), "sandbox.enabled = true, on a Linux 5.13 or newer with Landlock and seccomp");
}

// Names and addresses have been tried by the links themselves: what stands in their way is known.
void look_at_networks(const Daemon* daemon, Report& out) {
  if (daemon == nullptr) return;
  std::size_t connected = 0, away = 0;
  for (const UserStatus& user : daemon->status(0).users) {
    if (!user.enabled) continue;
    for (const NetworkStatus& network : user.networks) {
      connected += network.link == "connected" ? 1 : 0;
      if (network.trouble.empty() || ++away > kMostToldNetworks) continue;
      out.care(
          fmt::format("networks: {}'s {} is {}: {}", user.name, network.name, network.link, network.trouble),
          fmt::format("see what is set: halley network show {} {}", user.name, network.name));
    }
  }
  if (away > kMostToldNetworks)
    out.care(fmt::format("networks: {} more are not reached", away - kMostToldNetworks), "halley status");
  out.well(fmt::format("networks: {} connected", connected));
}

void look_at_secrets(const CommandCall& call, Report& out) {
  std::size_t sealed = 0;
  const std::size_t before = out.findings.size();
  for (const auto* user : call.accounts().users()) {
    for (const auto* network : call.accounts().networks(user->id)) {
      for (const auto& [option, found] : sealed_secrets(*network)) {
        ++sealed;
        if (call.environment.sealer.unseal(found.purpose, found.sealed)) continue;
        out.bad(fmt::format("secrets: {} of {}'s network {} was sealed with another key", option, user->name,
                            network->name),
                fmt::format("put the right halley.key back, or: halley network set {} {} with {} again",
                            user->name, network->name, option));
      }
    }
  }
  if (out.findings.size() == before)
    out.well(fmt::format("secrets: {} can be opened with halley.key", sealed));
}

void look_at_store(const CommandCall& call, const storage::StoreFigures& figures, Report& out) {
  if (!figures.trouble.empty())
    out.bad("store: " + figures.trouble, "see to the disk; writing is tried again by itself");
  if (figures.indexed_behind > kIndexMayBehind)
    out.care(fmt::format("index: {} not yet in it", counted(figures.indexed_behind, "line")),
             "it catches up by itself; wait");
  if (call.environment.config.history.replicated && figures.wal_bytes >= kLogIsLeft)
    out.care(fmt::format("replication: halley.db-wal has {}, as nothing copies it back",
                         format_bytes(figures.wal_bytes)),
             "start Litestream, or set history.replicated = false and start Halley again");
  const auto& damage = call.environment.damage.found();
  if (!damage.empty())
    out.care("store: " + damage.back().what,
             "each user is told in their own log; halley status --acknowledge");
}

CommandResult diagnosis_text(const Report& report) {
  std::string text;
  nlohmann::json json = nlohmann::json::array();
  std::size_t wrong = 0;
  for (const Diagnosis& finding : report.findings) {
    constexpr const char* kMarks[] = {"ok", "care", "BAD"};
    const char* mark = kMarks[static_cast<std::size_t>(finding.how)];
    text += fmt::format("{:<5} {}\n", mark, finding.what);
    if (!finding.remedy.empty()) text += fmt::format("      -> {}\n", finding.remedy);
    json.push_back({{"result", mark}, {"what", finding.what}, {"remedy", finding.remedy}});
    wrong += finding.how == How::kBad ? 1 : 0;
  }
  CommandResult result =
      CommandResult::done(std::move(text), {{"well", wrong == 0}, {"findings", std::move(json)}});
  if (wrong > 0) {
    result.status = 1;
    result.error = fmt::format("{} thing{} to be put right", wrong, wrong == 1 ? " is" : "s are");
  }
  return result;
}

}  // namespace

void doctor(CommandCall& call, CommandDone done) {
  auto report = std::make_shared<Report>();
  const CommandEnvironment& environment = call.environment;
  const storage::StoreFigures figures = environment.store.figures();
  look_at_disk(environment.config, figures, *report);
  look_at_key(environment.config, *report);
  look_at_permissions(environment.config, *report);
  look_at_store(call, figures, *report);
  look_at_secrets(call, *report);
  look_at_certificate(environment.config, environment.clock, *report);
  look_at_clock(*report);
  look_at_limits(environment.config, *report);
  look_at_sandbox(environment.daemon, *report);
  look_at_networks(environment.daemon, *report);
  environment.store.run_errand(
      {.on_progress = call.on_progress},
      [report, done = std::move(done)](const std::expected<storage::ErrandReport, std::string>& checked) {
        if (!checked) {
          report->bad("database: it cannot be checked: " + checked.error(), "see status");
        } else if (checked->problems.empty()) {
          report->well("database: whole");
        } else {
          report->bad("database: damaged: " + checked->problems.front(),
                      "stop Halley and put the last backup in its place (halley(1), RESTORING)");
        }
        if (checked && checked->index_problem.empty()) {
          report->well("index: whole");
        } else if (checked) {
          report->bad("index: damaged: searches miss lines, which are all there: " + checked->index_problem,
                      "have it built anew from the log: halley reindex");
        }
        done(diagnosis_text(*report));
      });
}

}  // namespace halley::cli
