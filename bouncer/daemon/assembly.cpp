#include "bouncer/daemon/assembly.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "bouncer/cli/control_client.h"
#include "bouncer/cli/control_server.h"
#include "bouncer/cli/in_band.h"
#include "bouncer/cli/version.h"
#include "bouncer/config/reload.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/daemon/bouncer.h"
#include "bouncer/daemon/bouncer_daemon.h"
#include "bouncer/daemon/certificate_warning.h"
#include "bouncer/daemon/ident_server.h"
#include "bouncer/daemon/listeners.h"
#include "bouncer/daemon/notify.h"
#include "bouncer/daemon/oidentd_file.h"
#include "bouncer/daemon/proxied_door.h"
#include "bouncer/daemon/retention.h"
#include "bouncer/daemon/sandbox.h"
#include "bouncer/daemon/start_pages.h"
#include "bouncer/daemon/watchdog.h"
#include "bouncer/net/inherited_sockets.h"
#include "bouncer/net/system_random.h"
#include "bouncer/net/tls_certificate.h"
#include "bouncer/net/tls_context.h"
#include "bouncer/net/uv_acceptor.h"
#include "bouncer/net/uv_dialer.h"
#include "bouncer/net/uv_loop.h"
#include "gateway/api/client_info.h"
#include "gateway/api/http_server.h"
#include "gateway/http/embedded_assets.h"

namespace halley {
namespace {

// Nobody misses in a search what was said while they typed it.
constexpr std::chrono::milliseconds kSearchLag{250};

using Done = std::expected<void, std::string>;

class Assembly {
 public:
  Assembly(const LoadedConfig& loaded, const ConfigSource& source, cli::SandboxStatus sandbox,
           spdlog::logger& log)
      : config_(loaded.config), source_(source), sandbox_(std::move(sandbox)), log_(log) {}

  // Makes all parts and opens all doors; nothing is accepted or connected before run().
  Done build() {
    Done done = open_data();
    if (done) done = make_tls();
    if (!done) return done;
    make_bouncer();
    make_idents();
    make_commands();
    return open_doors();
  }

  void run() {
    loop_.on_signal(SIGTERM, [this] { stop("SIGTERM"); });
    loop_.on_signal(SIGINT, [this] { stop("SIGINT"); });
    loop_.on_signal(SIGHUP, [this] {
      const auto done = reload();
      done ? log_.info("{}", *done) : log_.error("not reloaded: {}", done.error());
    });
    bouncer_->start();
    for (const auto& address : listeners_->addresses()) log_.info("listening on {}", address);
    log_.info("ready");
    tell_manager("READY=1");
    watch();
    forget_start_pages();
    loop_.run();
    log_.info("stopped");
  }

 private:
  // Behind the start.
  void tell(const storage::DamageRow& damage) {
    log_.error("{}", damage.what);
    if (damage_->add(damage)) bouncer_->tell_damage({damage});
  }

  Done open_data() {
    storage::StoreOptions options;
    options.directory = config_.data_dir;
    options.power_durability = config_.history.power_durability;
    options.replicated = config_.history.replicated;
    options.search_lag = kSearchLag;
    options.on_trouble = [this](const std::string& what) {
      what.empty() ? log_.info("the disk is well again, and all is written")
                   : log_.error("trouble with the disk: {}", what);
    };
    options.on_damage = [this](const storage::DamageRow& found) { tell(found); };
    options.on_unchecked = [this](const std::string& what) { log_.warn("{}", what); };
    auto open =
        storage::open_store(options, [this](std::function<void()> run) { loop_.post(std::move(run)); });
    if (!open) return std::unexpected(open.error());
    store_ = std::move(*open);
    for (const std::string& notice : store_.notices) log_.warn("{}", notice);
    auto sealer = Sealer::open(config_.data_dir / "halley.key", random_);
    if (!sealer) return std::unexpected(sealer.error());
    sealer_.emplace(std::move(*sealer));
    accounts_.emplace(Accounts::Parts{.store = *store_.store,
                                      .clock = loop_.clock(),
                                      .random = random_,
                                      .sealer = *sealer_,
                                      .config = config_,
                                      .audit = Audit(
                                          [this](Audit::Level level, const std::string& line) {
                                            log_.log(level == Audit::Level::kWarn ? spdlog::level::warn
                                                                                  : spdlog::level::info,
                                                     "{}", line);
                                          },
                                          [this](UserId about, const AuditEntry& entry) {
                                            if (bouncer_) bouncer_->audits().add(about, entry);
                                          })},
                      store_.loaded);
    log_.info("Halley {}: data in {}, {} users", cli::kVersion, config_.data_dir.string(),
              accounts_->users().size());
    return {};
  }

  Done make_tls() {
    auto client = net::TlsContext::client();
    if (!client) return std::unexpected(client.error());
    client_tls_ = std::move(*client);
    bool served = false;
    for (const ListenUrl& url : config_.listen) served = served || url.tls;
    if (!served) return {};
    std::string certificate = config_.tls.cert.string(), key = config_.tls.key.string();
    const bool own = certificate.empty();
    if (own) {
      const auto pair = net::ensure_self_signed(config_.data_dir.string(), config_.hostname,
                                                loop_.clock().wall_us() / 1'000'000);
      if (!pair) return std::unexpected(pair.error());
      certificate = pair->certificate;
      key = pair->key;
    }
    auto context = net::TlsContext::server(certificate, key);
    if (!context) return std::unexpected(context.error());
    tls_ = std::move(*context);
    log_.info("{} certificate {}, SHA-256 fingerprint {}", own ? "self-signed" : "TLS", certificate,
              tls_->fingerprint());
    certificate_file_ = certificate;
    look_at_certificate();
    return {};
  }

  // Behind a reading that went well.
  void look_at_certificate() {
    std::ifstream in(certificate_file_);
    const auto facts = net::certificate_facts(std::string{std::istreambuf_iterator<char>(in), {}});
    if (!facts) return log_.warn("{}: {}", certificate_file_, facts.error());
    certificate_until_s_ = facts->until_s;
    const std::string warning =
        certificate_warning(*facts, certificate_file_, loop_.clock().wall_us() / 1'000'000);
    if (!warning.empty()) log_.warn("{}", warning);
  }

  void make_bouncer() {
    dialer_.emplace(loop_, *client_tls_);
    daemon_.emplace(loop_.clock(), *store_.store, *accounts_, sandbox_, [this] { return reload(); });
    damage_.emplace(*store_.store, store_.loaded.damage);
    runner_.emplace(cli::CommandEnvironment{.accounts = *accounts_,
                                            .config = config_,
                                            .sealer = *sealer_,
                                            .clock = loop_.clock(),
                                            .store = *store_.store,
                                            .damage = *damage_,
                                            .daemon = &*daemon_},
                    random_, [this](auto job, auto done) { loop_.work(std::move(job), std::move(done)); });
    in_band_.emplace(*runner_, *accounts_);
    bouncer_.emplace(Bouncer::Parts{.loop = loop_,
                                    .random = random_,
                                    .dialer = *dialer_,
                                    .journal = *store_.journal,
                                    .store = *store_.store,
                                    .accounts = *accounts_,
                                    .sealer = *sealer_,
                                    .config = config_,
                                    .in_band = &*in_band_},
                     store_.loaded);
    store_.loaded = {};  // everybody has taken a copy
    daemon_->watch(*bouncer_);
    retention_.emplace(loop_, *store_.store, *accounts_, config_);
  }

  // Connections are remembered only where somebody is told of them.
  void make_idents() {
    const bool asked = std::ranges::any_of(
        config_.listen, [](const ListenUrl& url) { return url.protocol == ListenUrl::Protocol::kIdent; });
    if (!config_.upstream.oidentd_file.empty()) {
      oidentd_file_.emplace(loop_, bouncer_->idents(), config_.upstream.oidentd_file,
                            [this](const std::string& what) { log_.warn("{}", what); });
    } else if (asked) {
      bouncer_->idents().want([] {});
    }
  }

  void make_commands() {
    control_.emplace(loop_, *runner_);
    assets_.emplace(gateway::embedded_assets());
    uploads_.emplace(loop_, random_, config_.data_dir / "uploads");
    const std::string unread = uploads_->open([this](UserId id) { return accounts_->user(id) != nullptr; });
    if (!unread.empty()) log_.warn("uploads: {}", unread);
    daemon_->watch_uploads(*uploads_);
    bouncer_->on_user_removed([this](UserId id) { uploads_->forget(id); });
    http_.emplace(gateway::HttpServer::Parts{.loop = loop_,
                                             .random = random_,
                                             .accounts = *accounts_,
                                             .login = bouncer_->login(),
                                             .live_user = bouncer_->live_user(),
                                             .commands = bouncer_->numbered_commands(),
                                             .config = config_,
                                             .pusher = bouncer_->pusher(),
                                             .assets = *assets_,
                                             .addresses = address_limits_,
                                             .uploads = &*uploads_});
    http_->serve_irc(
        [this](auto stream, auto peer) { bouncer_->accept_irc(std::move(stream), std::move(peer)); });
    http_->log_answers([this](std::string_view line) { log_.info("web: {}", line); });
    http_->metrics().add([this](std::string& out) { write_metrics(out); });
    http_->metrics().add_health([this](std::string& out) { write_health(out); });
    bouncer_->on_session_revoked([this](std::uint64_t id) { http_->session_revoked(id); });
  }

  Done open_doors() {
    auto inherited = net::InheritedSockets::of_this_process();
    if (!inherited) return std::unexpected(inherited.error());
    inherited_.emplace(std::move(*inherited));
    acceptors_.emplace(
        loop_, tls_.get(),
        [this](net::AcceptProblem problem, const std::string& sentence) {
          log_.log(problem == net::AcceptProblem::kExhausted ? spdlog::level::warn : spdlog::level::debug,
                   "{}", sentence);
        },
        &address_limits_, &*inherited_);
    ident_.emplace(loop_, bouncer_->idents());
    irc_door_.emplace(loop_, config_, address_limits_, [this](auto stream, auto peer) {
      bouncer_->accept_irc(std::move(stream), std::move(peer));
    });
    listeners_.emplace(
        *acceptors_,
        Listeners::Doors{
            .irc = [this](auto stream, auto peer) { irc_door_->accept(std::move(stream), std::move(peer)); },
            .http = [this](auto stream, auto peer) { http_->accept(std::move(stream), std::move(peer)); },
            .control = [this](auto stream, auto) { control_->accept(std::move(stream)); },
            .ident = [this](auto stream, auto peer) { ident_->accept(std::move(stream), std::move(peer)); }});
    Done done = listeners_->open(config_, config_.data_dir / cli::kControlSocket);
    if (const auto left = inherited_->left(); done && !left.empty()) {
      done = std::unexpected(
          fmt::format("the service manager listens on {}, which \"listen\" does not name: add it there, with "
                      "irc://, ircs://, http:// or https://, or take it out of halley.socket",
                      fmt::join(left, ", ")));
    }
    return done;
  }

  // Once: ends everything in order. A second signal does not wait.
  void stop(std::string_view why) {
    if (stopping_) return loop_.stop();
    stopping_ = true;
    log_.info("{}: leaving the networks", why);
    tell_manager("STOPPING=1");
    listeners_.reset();
    irc_door_.reset();
    ident_.reset();
    const auto one = [this] {
      if (--ending_ == 0) loop_.stop();
    };
    http_->stop(one);
    bouncer_->stop(one);
  }

  void tell_manager(std::string_view state) {
    if (const auto told = notify_service_manager(state); !told) log_.warn("{}", told.error());
  }

  // When the service manager has a watchdog.
  void watch() {
    const auto period_ms = watchdog_period_ms();
    if (!period_ms) return log_.warn("{}", period_ms.error());
    if (*period_ms == 0) return;
    watchdog_.emplace(
        Watchdog::Parts{.loop = loop_,
                        .store = *store_.store,
                        .period_ms = *period_ms,
                        .feed = [this] { tell_manager("WATCHDOG=1"); },
                        .starving = [this](const std::string& why) { log_.error("watchdog: {}", why); }});
  }

  std::expected<std::string, std::string> reload() {
    tell_manager(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", loop_.clock().monotonic_us()));
    auto done = read_again();
    tell_manager("READY=1");
    return done;
  }

  std::expected<std::string, std::string> read_again() {
    const auto fresh = load_config(source_);
    if (!fresh) return std::unexpected(fresh.error());
    if (tls_) {
      if (const auto done = tls_->reload(); !done) return std::unexpected(done.error());
      look_at_certificate();
    }
    const auto waiting = take_over(config_, fresh->config);
    std::string text = "configuration and certificates were read again";
    if (!waiting.empty()) text += fmt::format("; at the next start only: {}", fmt::join(waiting, ", "));
    return text;
  }

  using Links = std::array<gateway::LabelledValue, 5>;
  // How many networks there are in each state of their link.
  Links links() const {
    Links links;
    for (std::size_t i = 0; i < links.size(); ++i) links[i].label = link_name(static_cast<Link>(i));
    for (const User* user : bouncer_->users())
      for (const auto& network : user->networks()) ++links[static_cast<std::size_t>(network->link())].value;
    return links;
  }

  void write_health(std::string& out) const {
    const storage::StoreFigures store = store_.store->figures();
    fmt::format_to(std::back_inserter(out), "store_waiting_bytes: {}\nstore_group_us: {}\n",
                   store.journal_used, store.last_group_us);
    if (!store.trouble.empty()) fmt::format_to(std::back_inserter(out), "store_trouble: {}\n", store.trouble);
    for (const gateway::LabelledValue& link : links())
      fmt::format_to(std::back_inserter(out), "networks_{}: {}\n", link.label, link.value);
  }

  void write_metrics(std::string& out) const {
    const storage::StoreFigures store = store_.store->figures();
    const std::array<gateway::LabelledValue, 1> build{{{.label = cli::kVersion, .value = 1}}};
    gateway::append_gauges(out, "halley_build_info", "1, with the version.", "version", build);
    gateway::append_metric(out, "process_resident_memory_bytes", "gauge", "Memory that is resident.",
                           resident_bytes());
    if (tls_) {
      gateway::append_metric(out, "halley_tls_certificate_expires_seconds", "gauge",
                             "When the certificate that is served expires, in seconds since 1970.",
                             static_cast<std::uint64_t>(std::max<std::int64_t>(certificate_until_s_, 0)));
    }
    gateway::append_metric(out, "halley_logins_refused_total", "counter", "Logins that were refused.",
                           bouncer_->login().refused());
    gateway::append_metric(out, "halley_users", "gauge", "Accounts.", accounts_->users().size());
    gateway::append_metric(out, "halley_connections", "gauge", "Connections of all kinds that are open.",
                           address_limits_.open());
    gateway::append_metric(out, "halley_connection_addresses", "gauge", "Addresses that have connections.",
                           address_limits_.addresses());
    gateway::append_metric(out, "halley_irc_clients", "gauge", "Connections of IRC clients.",
                           bouncer_->downstream_count());
    gateway::append_metric(out, "halley_irc_client_queue_bytes", "gauge",
                           "Bytes that IRC clients have yet to take.", bouncer_->downstream_queued());
    gateway::append_metric(out, "halley_irc_held_history_bytes", "gauge",
                           "Bytes of history that IRC clients have asked for and do not read.",
                           bouncer_->held_pages());
    gateway::append_gauges(out, "halley_networks", "Networks by the state of their link.", "state", links());
    gateway::append_metric(out, "halley_push_subscriptions", "gauge", "Subscriptions to Web Push.",
                           bouncer_->pusher().count());
    const push::Deliveries::Figures& pushes = bouncer_->pusher().figures();
    gateway::append_metric(out, "halley_pushes_total", "counter", "Pushes that their services have taken.",
                           pushes.sent);
    gateway::append_metric(out, "halley_pushes_lost_total", "counter", "Pushes that were given up.",
                           pushes.lost);
    gateway::append_metric(out, "halley_stored_events", "gauge", "Lines in the database.", store.events);
    gateway::append_metric(out, "halley_journal_used_bytes", "gauge",
                           "Bytes not yet applied to the database.", store.journal_used);
    gateway::append_metric(out, "halley_store_group_microseconds", "gauge",
                           "How long the last group of lines took to be written.",
                           static_cast<std::uint64_t>(std::max<std::int64_t>(store.last_group_us, 0)));
    gateway::append_metric(out, "halley_database_bytes", "gauge", "Size of the database and its log.",
                           store.database_bytes + store.wal_bytes);
    gateway::append_metric(out, "halley_index_behind", "gauge", "Lines not yet in the full-text index.",
                           store.indexed_behind);
    gateway::append_metric(out, "halley_store_failing", "gauge", "1 while writing to the database fails.",
                           store.trouble.empty() ? 0 : 1);
  }

  // In the order in which they are made; they go in the opposite one.
  Config config_;
  const ConfigSource source_;
  const cli::SandboxStatus sandbox_;
  spdlog::logger& log_;
  net::SystemRandom random_;
  net::UvLoop loop_;
  storage::OpenStore store_;
  std::optional<Sealer> sealer_;
  std::optional<Accounts> accounts_;
  std::unique_ptr<net::TlsContext> client_tls_, tls_;
  std::string certificate_file_;          // of tls_
  std::int64_t certificate_until_s_ = 0;  // when it expires
  std::optional<net::UvDialer> dialer_;
  std::optional<BouncerDaemon> daemon_;
  std::optional<DamageReports> damage_;
  std::optional<cli::CommandRunner> runner_;
  std::optional<cli::InBand> in_band_;
  std::optional<Bouncer> bouncer_;
  std::optional<Retention> retention_;
  std::optional<gateway::Assets> assets_;
  std::optional<gateway::UploadStore> uploads_;
  net::AddressLimits address_limits_{[this] { return std::size_t{config_.limits.connections_per_address}; },
                                     [this](const net::Address& address) {
                                       return address.is_loopback() ||
                                              gateway::is_trusted_proxy(address.text(), config_);
                                     },
                                     [this] { return std::size_t{config_.limits.connections}; }};
  std::optional<gateway::HttpServer> http_;
  std::optional<ProxiedDoor> irc_door_;
  std::optional<OidentdFile> oidentd_file_;
  std::optional<IdentServer> ident_;
  std::optional<cli::ControlServer> control_;
  std::optional<net::InheritedSockets> inherited_;
  std::optional<net::UvAcceptors> acceptors_;
  std::optional<Listeners> listeners_;
  std::optional<Watchdog> watchdog_;
  bool stopping_ = false;
  int ending_ = 2;  // what has yet to come to its end: the HTTP server, the bouncer
};

// A connection costs a descriptor; the soft limit is often 1024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Before the first thread: what the daemon may read and write from then on.
std::expected<cli::SandboxStatus, std::string> give_up_privileges(const LoadedConfig& loaded) {
  const Config& config = loaded.config;
  if (!config.sandbox.enabled) return cli::SandboxStatus{"off (sandbox.enabled)", false};
  std::error_code told_later;  // when the data are opened
  std::filesystem::create_directories(config.data_dir, told_later);
  const auto entered = enter_sandbox(daemon_folders(config, loaded.file));
  if (!entered) return std::unexpected(entered.error());
  return cli::SandboxStatus{entered->what, entered->whole};
}

}  // namespace

int serve(const LoadedConfig& loaded, const ConfigSource& source) {
  ::umask(077);
  raise_descriptor_limit();
  spdlog::logger log("halley", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  log.set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l: %v");
  log.flush_on(spdlog::level::info);
  const auto sandbox = give_up_privileges(loaded);
  if (!sandbox) {
    log.error("{}", sandbox.error());
    return 1;
  }
  log.log(sandbox->whole ? spdlog::level::info : spdlog::level::warn, "sandbox: {}", sandbox->what);
  Assembly assembly(loaded, source, *sandbox, log);
  if (const Done done = assembly.build(); !done) {
    log.error("{}", done.error());
    return 1;
  }
  assembly.run();
  return 0;
}

}  // namespace halley
