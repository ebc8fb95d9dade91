// What halley.toml says (halley.toml(5)), checked, with every default filled in. A plain value; read by
// bouncer/config/config_file.h. Any thread that has it to itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace halley {

struct ListenUrl {
  enum class Protocol { kIrc, kHttp, kIdent } protocol = Protocol::kIrc;
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;
  std::string unix_path;  // unix:///path (always HTTP)
};

struct Config {
  Config();  // each key at its default: its row's in config_keys.cpp

  std::string hostname;
  std::filesystem::path data_dir;  // empty: whoever loads it fills it in, by the environment
  std::vector<ListenUrl> listen;

  struct TlsConfig {
    std::filesystem::path cert, key;  // absent: a self-signed pair in data_dir
  } tls;

  struct HttpConfig {
    std::vector<std::string> origins;          // further allowed Origins; the server's own is always allowed
    std::vector<std::string> trusted_proxies;  // addresses whose X-Forwarded-For is believed
    std::string public_url;
    std::string user_header;  // in which trusted proxies say who has logged in with them; empty: none does
    bool access_log;
    // Who gets the figures beside administrators: any program on this machine, unless the configuration says
    // that a proxy stands there (kUnproxied); any in any case; nobody.
    enum class MetricsAccess { kUnproxied, kLocal, kToken } metrics;
  } http;

  // Who says whether a password is right.
  struct AuthConfig {
    std::string http;  // the address that is asked; empty: Halley's own hashes
    bool create;       // whom it knows and we do not becomes a user at their first login
  } auth;

  struct HistoryConfig {
    bool power_durability;
    bool replicated;               // another program copies the write-ahead log back (Litestream)
    std::uint32_t retention_days;  // 0: for ever
    std::uint32_t backlog_lines;   // to a returning client that cannot page; what is left out is told
    std::uint32_t first_lines;     // to a device that was never here before
    bool text_logs;                // also as plain-text files, of users who do not say otherwise
  } history;

  struct LimitsConfig {
    std::uint32_t networks_per_user;
    std::uint32_t channels_per_network;
    std::uint32_t clients_per_user;
    std::uint32_t devices_per_user;
    std::uint32_t login_attempts;    // failed ones from one address in ten minutes
    std::size_t memory_per_network;  // bytes of channel and member state
    std::size_t client_queue;        // bytes queued to one client before it reads on from the store
    std::uint32_t connections;       // not yet logged in and logged in, in all
    // From one address (of IPv6, one /64), those of trusted proxies and of this machine excepted.
    std::uint32_t connections_per_address;
    std::uint32_t idle_days;  // that a user's networks stay while nobody is attached; 0: for ever
  } limits;

  struct PushConfig {
    std::string contact;  // mailto: or https:, whom push services tell of trouble; empty: made of the others
    bool allow_private_hosts;
  } push;

  struct SandboxConfig {
    bool enabled;
    std::vector<std::string> write;  // folders beside the daemon's own
  } sandbox;

  struct UpstreamConfig {
    std::string bind;
    std::string socks;  // host:port of a SOCKS5 proxy that networks may be reached by; empty: none
    bool allow_private_hosts;
    double connect_pacing;        // seconds between connects to one host; 0: none
    std::uint32_t reconnect_min;  // seconds
    std::uint32_t reconnect_max;  // seconds
    double rate;                  // lines a second towards a network; 0: no limit
    std::uint32_t burst;          // lines
    // Who a network that asks (RFC 1413) is told a connection is: the account, which nobody else has, or what
    // the network's setting username says.
    enum class Ident { kUser, kUsername } ident;
    std::filesystem::path oidentd_file;  // where oidentd reads the same; empty: nowhere
  } upstream;
};

}  // namespace halley
