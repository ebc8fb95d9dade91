#include "bouncer/config/config_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>

#include "bouncer/config/listen_url.h"
#include "bouncer/net/address.h"
#include "bouncer/net/origin.h"

namespace halley {
namespace {

using Set = std::expected<void, std::string>;
using Type = ConfigKey::Type;
using Mutability = ConfigKey::Mutability;
constexpr Mutability kLive = Mutability::kLive, kAtStart = Mutability::kAtStart;

// --- One kind of key each. `At` is a captureless function from Config to the member. ---

template <auto At>
void copy(Config& to, const Config& from) {
  At(to) = At(from);
}

template <auto At, auto Default>
void set_default(Config& config) {
  At(config) = Default;
}

template <auto At>
void set_empty(Config& config) {
  At(config) = std::remove_reference_t<decltype(At(config))>{};
}

template <auto At, bool Default>
constexpr ConfigKey flag(std::string_view section, std::string_view name, Mutability mutability,
                         std::string_view help) {
  return {.section = section,
          .name = name,
          .type = Type::kFlag,
          .mutability = mutability,
          .set = [](Config& config, const ConfigValue& value) -> Set {
            At(config) = std::get<bool>(value);
            return {};
          },
          .set_default = set_default<At, Default>,
          .show = [](const Config& config) -> std::string { return At(config) ? "true" : "false"; },
          .copy = copy<At>,
          .help = help};
}

template <auto At, std::int64_t Default, std::int64_t Least, std::int64_t Most>
constexpr ConfigKey count(std::string_view section, std::string_view name, Mutability mutability,
                          std::string_view help) {
  return {.section = section,
          .name = name,
          .type = Type::kCount,
          .mutability = mutability,
          .set = [](Config& config, const ConfigValue& value) -> Set {
            const std::int64_t number = std::get<std::int64_t>(value);
            if (number < Least || number > Most) {
              return std::unexpected(fmt::format("must be from {} to {}", Least, Most));
            }
            At(config) = static_cast<std::remove_reference_t<decltype(At(config))>>(number);
            return {};
          },
          .set_default = set_default<At, Default>,
          .show = [](const Config& config) { return fmt::format("{}", At(config)); },
          .copy = copy<At>,
          .help = help};
}

template <auto At, double Default, int Most>
constexpr ConfigKey number(std::string_view section, std::string_view name, Mutability mutability,
                           std::string_view help) {
  return {.section = section,
          .name = name,
          .type = Type::kNumber,
          .mutability = mutability,
          .set = [](Config& config, const ConfigValue& value) -> Set {
            const auto* whole = std::get_if<std::int64_t>(&value);
            const double given = whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
            if (!(given >= 0 && given <= Most))
              return std::unexpected(fmt::format("must be from 0 to {}", Most));
            At(config) = given;
            return {};
          },
          .set_default = set_default<At, Default>,
          .show = [](const Config& config) { return fmt::format("{}", At(config)); },
          .copy = copy<At>,
          .help = help};
}

template <auto At>
constexpr ConfigKey text(std::string_view section, std::string_view name, Mutability mutability,
                         std::string_view help) {
  return {.section = section,
          .name = name,
          .type = Type::kText,
          .mutability = mutability,
          .set = [](Config& config, const ConfigValue& value) -> Set {
            At(config) = std::get<std::string>(value);
            return {};
          },
          .set_default = set_empty<At>,
          .show = [](const Config& config) { return toml_quoted(std::string(At(config))); },
          .copy = copy<At>,
          .help = help};
}

std::string quoted_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const auto& one : texts) out += (out.size() > 1 ? ", " : "") + toml_quoted(one);
  return out + "]";
}

template <auto At>
constexpr ConfigKey texts(std::string_view section, std::string_view name, Mutability mutability,
                          std::string_view help) {
  return {.section = section,
          .name = name,
          .type = Type::kTexts,
          .mutability = mutability,
          .set = [](Config& config, const ConfigValue& value) -> Set {
            At(config) = std::get<std::vector<std::string>>(value);
            return {};
          },
          .set_default = set_empty<At>,
          .show = [](const Config& config) { return quoted_list(At(config)); },
          .copy = copy<At>,
          .help = help};
}

// --- Keys with a meaning of their own ---

constexpr ConfigKey checked(ConfigKey key, Set (*set)(Config&, const ConfigValue&)) {
  key.set = set;
  return key;
}

constexpr ConfigKey preset(ConfigKey key, void (*set_default)(Config&)) {
  key.set_default = set_default;
  return key;
}

Set set_hostname(Config& config, const ConfigValue& value) {
  const auto& name = std::get<std::string>(value);
  // It is the source of Halley's own lines, so it must be one word.
  const bool good = !name.empty() && name.size() <= 63 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  });
  if (!good) return std::unexpected("must be a host name, such as irc.example.org");
  config.hostname = name;
  return {};
}

Set set_listen(Config& config, const ConfigValue& value) {
  std::vector<ListenUrl> urls;
  for (const auto& text : std::get<std::vector<std::string>>(value)) {
    auto url = parse_listen_url(text);
    if (!url) return std::unexpected(url.error());
    urls.push_back(std::move(*url));
  }
  if (urls.size() > 64) return std::unexpected("names more than 64 addresses");
  config.listen = std::move(urls);
  return {};
}

void default_listen(Config& config) {
  config.listen.clear();
  for (const char* url : {"irc://127.0.0.1:6667", "http://127.0.0.1:8067"})
    config.listen.push_back(*parse_listen_url(url));
}

Set set_ident(Config& config, const ConfigValue& value) {
  using Ident = Config::UpstreamConfig::Ident;
  const std::string& word = std::get<std::string>(value);
  if (word != "user" && word != "username") return std::unexpected("must be \"user\" or \"username\"");
  config.upstream.ident = word == "user" ? Ident::kUser : Ident::kUsername;
  return {};
}

std::string show_listen(const Config& config) {
  std::vector<std::string> urls;
  for (const auto& url : config.listen) urls.push_back(format_listen_url(url));
  return quoted_list(urls);
}

using Texts = std::vector<std::string>;

Set set_origins(Config& config, const ConfigValue& value) {
  for (const auto& text : std::get<Texts>(value)) {
    if (const auto origin = net::Origin::parse(text); !origin) return std::unexpected(origin.error());
  }
  config.http.origins = std::get<Texts>(value);
  return {};
}

Set set_trusted_proxies(Config& config, const ConfigValue& value) {
  for (const auto& text : std::get<Texts>(value)) {
    if (text == "unix") continue;
    if (const auto range = net::AddressRange::parse(text); !range) return std::unexpected(range.error());
  }
  config.http.trusted_proxies = std::get<Texts>(value);
  return {};
}

Set set_public_url(Config& config, const ConfigValue& value) {
  const auto& text = std::get<std::string>(value);
  if (!text.empty()) {
    if (const auto origin = net::Origin::parse(text); !origin) return std::unexpected(origin.error());
  }
  config.http.public_url = text;
  return {};
}

// What a browser sends of itself says nothing of a proxy's.
Set set_user_header(Config& config, const ConfigValue& value) {
  const auto& text = std::get<std::string>(value);
  const bool good =
      text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
      });
  constexpr std::string_view kBrowsers[] = {"accept", "authorization", "cookie",    "host",
                                            "origin", "referer",       "user-agent"};
  std::string folded = text;
  std::ranges::transform(folded, folded.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (!good || std::ranges::find(kBrowsers, folded) != std::end(kBrowsers))
    return std::unexpected("must be the name of a header that only the proxy writes, such as Remote-User");
  config.http.user_header = text;
  return {};
}

// What is sent there is a password: in the clear to this machine only.
Set set_auth_http(Config& config, const ConfigValue& value) {
  const auto& text = std::get<std::string>(value);
  if (!text.empty()) {
    const auto address = net::HttpAddress::parse(text);
    if (!address) return std::unexpected(address.error());
    if (!address->tls && !net::Authority{.host = address->host}.loopback())
      return std::unexpected(
          "must be an https:// address: passwords go there, in the clear to this machine only");
  }
  config.auth.http = text;
  return {};
}

Set set_bind(Config& config, const ConfigValue& value) {
  const auto& text = std::get<std::string>(value);
  if (!text.empty() && !net::Address::numeric(text, 0).valid())
    return std::unexpected(fmt::format("must be an address of this machine, not \"{}\"", text));
  config.upstream.bind = text;
  return {};
}

Set set_socks(Config& config, const ConfigValue& value) {
  const auto& text = std::get<std::string>(value);
  const auto authority = net::Authority::parse(text);
  if (!text.empty() && (!authority || authority->port == 0))
    return std::unexpected(
        fmt::format("must be a SOCKS5 proxy's host and port, as 127.0.0.1:9050, not \"{}\"", text));
  config.upstream.socks = text;
  return {};
}

// It stands in quotes in what push services are told.
Set set_contact(Config& config, const ConfigValue& value) {
  const auto& text = std::get<std::string>(value);
  const bool plain =
      std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
  const bool known = text.starts_with("mailto:") || text.starts_with("https://");
  if (!text.empty() && (!plain || !known || text.size() > 200))
    return std::unexpected("must be a mail address as mailto:who@example.org, or an https:// address");
  config.push.contact = text;
  return {};
}

Set set_durability(Config& config, const ConfigValue& value) {
  const auto& text = std::get<std::string>(value);
  if (text != "process" && text != "power") return std::unexpected("must be \"process\" or \"power\"");
  config.history.power_durability = text == "power";
  return {};
}

struct MetricsWord {
  std::string_view word;
  Config::HttpConfig::MetricsAccess metrics;
};
constexpr MetricsWord kMetricsWords[] = {{"auto", Config::HttpConfig::MetricsAccess::kUnproxied},
                                         {"local", Config::HttpConfig::MetricsAccess::kLocal},
                                         {"token", Config::HttpConfig::MetricsAccess::kToken}};

Set set_metrics(Config& config, const ConfigValue& value) {
  const auto word = std::ranges::find(kMetricsWords, std::get<std::string>(value), &MetricsWord::word);
  if (word == std::end(kMetricsWords)) return std::unexpected("must be \"auto\", \"local\" or \"token\"");
  config.http.metrics = word->metrics;
  return {};
}

std::string show_metrics(const Config& config) {
  const auto word = std::ranges::find(kMetricsWords, config.http.metrics, &MetricsWord::metrics);
  return fmt::format("\"{}\"", word->word);
}

constexpr std::int64_t kMostCount = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t kMega = 1 << 20;

#define AT(member)            \
  [](auto& config) -> auto& { \
    return config.member;     \
  }
constexpr ConfigKey kKeys[] = {
    {.name = "hostname",
     .type = Type::kText,
     .mutability = kAtStart,
     .set = set_hostname,
     .set_default = [](Config& c) { c.hostname = "halley.local"; },
     .show = [](const Config& c) { return toml_quoted(c.hostname); },
     .copy = copy<AT(hostname)>,
     .help = "the name that Halley goes by towards its clients"},
    text<AT(data_dir)>("", "data_dir", kAtStart,
                       "where the database, the journal, the key and the control socket are"),
    {.name = "listen",
     .type = Type::kTexts,
     .mutability = kAtStart,
     .set = set_listen,
     .set_default = default_listen,
     .show = show_listen,
     .copy = copy<AT(listen)>,
     .help = "where clients and browsers reach Halley"},
    text<AT(tls.cert)>("tls", "cert", kAtStart,
                       "certificate chain (PEM); absent: a self-signed one is made in data_dir"),
    text<AT(tls.key)>("tls", "key", kAtStart, "its private key (PEM)"),
    checked(
        texts<AT(http.origins)>("http", "origins", kLive, "further origins whose pages may use the gateway"),
        set_origins),
    checked(texts<AT(http.trusted_proxies)>("http", "trusted_proxies", kLive,
                                            "addresses and ranges whose X-Forwarded-For is believed"),
            set_trusted_proxies),
    checked(text<AT(http.public_url)>("http", "public_url", kLive, "where people reach the page"),
            set_public_url),
    checked(text<AT(http.user_header)>("http", "user_header", kLive,
                                       "the header in which trusted proxies say who has logged in"),
            set_user_header),
    flag<AT(http.access_log), false>("http", "access_log", kLive, "whether each answer is logged"),
    {.section = "http",
     .name = "metrics",
     .type = Type::kText,
     .mutability = kLive,
     .set = set_metrics,
     .set_default = set_default<AT(http.metrics), Config::HttpConfig::MetricsAccess::kUnproxied>,
     .show = show_metrics,
     .copy = copy<AT(http.metrics)>,
     .help =
         "who gets /metrics beside administrators: \"local\" programs, nobody (\"token\"), or, \"auto\", the "
         "former while no proxy is configured"},
    checked(text<AT(auth.http)>("auth", "http", kLive,
                                "the address that is asked whether a password is right; empty: Halley's own"),
            set_auth_http),
    flag<AT(auth.create), false>("auth", "create", kLive,
                                 "whether whom that address knows becomes a user at their first login"),
    {.section = "history",
     .name = "durability",
     .type = Type::kText,
     .mutability = kAtStart,
     .set = set_durability,
     .set_default = set_default<AT(history.power_durability), false>,
     .show = [](const Config& c) -> std::string {
       return c.history.power_durability ? "\"power\"" : "\"process\"";
     },
     .copy = copy<AT(history.power_durability)>,
     .help = "\"process\": synced every second; \"power\": synced with each group of lines"},
    flag<AT(history.replicated), false>(
        "history", "replicated", kAtStart,
        "Litestream replicates the database: the write-ahead log is left to it, and grows without it"),
    count<AT(history.retention_days), 0, 0, 36'500>("history", "retention_days", kLive,
                                                    "days that lines are kept; 0: for ever"),
    count<AT(history.backlog_lines), 100'000, 0, 10'000'000>(
        "history", "backlog_lines", kLive, "most lines replayed to a returning client that cannot page"),
    count<AT(history.first_lines), 500, 0, 1'000'000>("history", "first_lines", kLive,
                                                      "lines for a device that was never here before"),
    flag<AT(history.text_logs), false>("history", "text_logs", kLive,
                                       "whether lines are also written to plain-text files in data_dir/logs"),
    count<AT(limits.networks_per_user), 64, 1, 10'000>("limits", "networks_per_user", kLive,
                                                       "networks a user may have"),
    count<AT(limits.channels_per_network), 500, 1, 100'000>("limits", "channels_per_network", kLive,
                                                            "channels a user may be in on one network"),
    count<AT(limits.clients_per_user), 1024, 1, 100'000>("limits", "clients_per_user", kLive,
                                                         "clients and streams of one user at once"),
    count<AT(limits.devices_per_user), 64, 1, 10'000>("limits", "devices_per_user", kLive,
                                                      "devices whose position is remembered"),
    count<AT(limits.login_attempts), 10, 1, 1'000'000>("limits", "login_attempts", kLive,
                                                       "failed logins from one address in ten minutes"),
    count<AT(limits.memory_per_network), 32 * kMega, kMega, std::int64_t{1} << 40>(
        "limits", "memory_per_network", kAtStart, "bytes of channels and members kept for one network"),
    count<AT(limits.client_queue), kMega, 64 * 1024, std::int64_t{1} << 30>(
        "limits", "client_queue", kLive, "bytes queued to a slow client before it reads on from the store"),
    count<AT(limits.connections_per_address), 256, 1, kMostCount>(
        "limits", "connections_per_address", kLive, "connections from one address, of IPv6 from one /64"),
    count<AT(limits.connections), 10'000, 1, kMostCount>("limits", "connections", kLive,
                                                         "connections of clients and browsers in all"),
    count<AT(limits.idle_days), 0, 0, 36'500>("limits", "idle_days", kLive,
                                              "days after which networks of a user who is not here are left; "
                                              "0: never"),
    flag<AT(sandbox.enabled), true>("sandbox", "enabled", kAtStart,
                                    "give up other files, starting programs and core dumps"),
    preset(texts<AT(sandbox.write)>("sandbox", "write", kAtStart,
                                    "further folders that backups and exports may be written to"),
           [](Config& c) { c.sandbox.write = {"/var/backups"}; }),
    checked(text<AT(upstream.bind)>("upstream", "bind", kLive, "local address to connect from"), set_bind),
    checked(text<AT(upstream.socks)>("upstream", "socks", kLive,
                                     "SOCKS5 proxy (Tor) that networks may be reached by: 127.0.0.1:9050"),
            set_socks),
    flag<AT(upstream.allow_private_hosts), false>(
        "upstream", "allow_private_hosts", kLive,
        "whether users may have networks on this machine and its private networks"),
    number<AT(upstream.connect_pacing), 1.0, 3600>("upstream", "connect_pacing", kAtStart,
                                                   "seconds between two connects to one host; 0: none"),
    count<AT(upstream.reconnect_min), 2, 1, 86'400>("upstream", "reconnect_min", kAtStart,
                                                    "seconds before the first new attempt"),
    count<AT(upstream.reconnect_max), 300, 1, 86'400>("upstream", "reconnect_max", kAtStart,
                                                      "most seconds between attempts"),
    number<AT(upstream.rate), 2.0, 10'000>("upstream", "rate", kLive,
                                           "lines a second towards a network; 0: no limit"),
    count<AT(upstream.burst), 10, 1, 100'000>("upstream", "burst", kLive,
                                              "lines that may go at once before the rate holds"),
    {.section = "upstream",
     .name = "ident",
     .type = Type::kText,
     .mutability = kLive,
     .set = set_ident,
     .set_default = set_default<AT(upstream.ident), Config::UpstreamConfig::Ident::kUser>,
     .show = [](const Config& c) -> std::string {
       return c.upstream.ident == Config::UpstreamConfig::Ident::kUser ? "\"user\"" : "\"username\"";
     },
     .copy = copy<AT(upstream.ident)>,
     .help = "what networks that ask who is connected are told: the \"user\", or their setting \"username\""},
    text<AT(upstream.oidentd_file)>("upstream", "oidentd_file", kAtStart,
                                    "file of oidentd to write that to: ~/.config/oidentd.conf of its user"),
    checked(text<AT(push.contact)>("push", "contact", kLive, "whom push services tell of trouble"),
            set_contact),
    flag<AT(push.allow_private_hosts), false>(
        "push", "allow_private_hosts", kLive,
        "whether pushes may go to services on this machine and its private networks"),
};
#undef AT

}  // namespace

Config::Config() : tls{}, http{}, auth{}, history{}, limits{}, push{}, sandbox{}, upstream{} {
  for (const ConfigKey& key : kKeys) key.set_default(*this);
}

std::span<const ConfigKey> config_keys() {
  return kKeys;
}

std::string full_name(const ConfigKey& key) {
  return key.section.empty() ? std::string(key.name) : fmt::format("{}.{}", key.section, key.name);
}

std::string_view type_name(ConfigKey::Type type) {
  static constexpr std::string_view kNames[] = {"true or false", "a whole number", "a number",
                                                "a text in quotes", "a list of texts"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string toml_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace halley
