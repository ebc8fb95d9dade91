#include "bouncer/accounts/network_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/accounts/client_cert.h"
#include "bouncer/accounts/network_url.h"
#include "bouncer/accounts/user_settings.h"
#include "bouncer/irc/bytes.h"
#include "bouncer/irc/casemapping.h"
#include "bouncer/irc/service_words.h"
#include "bouncer/irc/text.h"
#include "bouncer/net/tls_certificate.h"

namespace halley {
namespace {

using Row = storage::NetworkRow;
using Effect = NetworkSetting::Effect;
using Taken = std::expected<void, std::string>;
using setting_accessors::Checked;

constexpr std::size_t kMostUrls = 8, kMostPins = 8, kMostConnectLines = 32, kMostLine = 510;
constexpr std::size_t kMostSecret = 500, kMostSaslSecret = 4000, kMostCertificate = 32 * 1024,
                      kMostRealname = 200;

constexpr std::string_view kScram = "SCRAM-SHA-256", kOnConnectSetting = "on-connect", kVia = "via";

// --- Checks ---

Checked check_urls(std::string_view urls) {
  const auto all = split_urls(urls);
  if (all.empty())
    return std::unexpected("a network needs an address: ircs://host[:6697] or irc://host[:6667]");
  if (all.size() > kMostUrls)
    return std::unexpected(fmt::format("more than {} addresses for one network", kMostUrls));
  for (const std::string_view url : all) {
    if (const auto parsed = parse_network_url(url); !parsed) return std::unexpected(parsed.error());
  }
  return std::string(urls);
}

Checked check_nick(std::string_view nick) {
  if (irc::is_valid_nick(nick)) return std::string(nick);
  return std::unexpected(
      fmt::format("\"{}\" cannot be a nick: letters, digits and []\\`_^{{|}}-, at most 64 bytes", nick));
}

Checked check_username(std::string_view name) {
  if (!irc::has_forbidden_byte(name) && name.size() <= 32 && name.find_first_of(" @:") == std::string::npos)
    return std::string(name);
  return std::unexpected(
      fmt::format("\"{}\" cannot be a username: at most 32 bytes without space, @ and :", name));
}

Checked check_realname(std::string_view name) {
  if (!irc::has_forbidden_byte(name) && name.size() <= kMostRealname) return std::string(name);
  return std::unexpected(fmt::format("a realname is one line of at most {} bytes", kMostRealname));
}

Checked check_pins(std::string_view pins) {
  std::string out;
  std::size_t count = 0;
  while (!pins.empty()) {
    const std::size_t comma = pins.find(',');
    std::string pin;
    for (const char c : pins.substr(0, comma)) {
      if (c != ':') pin += irc::fold(irc::CaseMapping::kAscii, c);
    }
    const bool hex =
        std::ranges::all_of(pin, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    if (pin.size() != 64 || !hex) {
      return std::unexpected(
          "a certificate pin is a SHA-256 fingerprint: 64 hexadecimal digits, colons allowed");
    }
    if (++count > kMostPins) return std::unexpected(fmt::format("more than {} certificate pins", kMostPins));
    out += (out.empty() ? "" : ",") + pin;
    pins = comma == std::string_view::npos ? std::string_view{} : pins.substr(comma + 1);
  }
  return out;
}

Checked check_via(std::string_view via) {
  if (via.empty() || via == "direct") return std::string();
  if (via == "socks") return std::string(via);
  return std::unexpected("via is socks or direct");
}

Checked check_connect_lines(std::string_view all) {
  std::size_t count = 0;
  for (std::string_view lines = all; !lines.empty();) {
    const std::size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    if (irc::has_forbidden_byte(line) || line.size() > kMostLine) {
      return std::unexpected(
          fmt::format("a line of on-connect has a forbidden byte or more than {} bytes", kMostLine));
    }
    if (++count > kMostConnectLines)
      return std::unexpected(fmt::format("more than {} lines of on-connect", kMostConnectLines));
    lines = end == std::string_view::npos ? std::string_view{} : lines.substr(end + 1);
  }
  return std::string(all);
}

Checked check_password(std::string_view password) {
  if (!irc::has_forbidden_byte(password) && password.size() <= kMostSecret) return std::string(password);
  return std::unexpected(fmt::format("a password is one line of at most {} bytes", kMostSecret));
}

// SASL sends it in as many pieces as it takes.
Checked check_sasl_password(std::string_view password) {
  if (!irc::has_forbidden_byte(password) && password.size() <= kMostSaslSecret) return std::string(password);
  return std::unexpected(fmt::format("a SASL password is one line of at most {} bytes", kMostSaslSecret));
}

Checked check_client_cert(std::string_view pem) {
  if (pem.empty()) return std::string();
  if (pem.size() > kMostCertificate) {
    return std::unexpected(
        fmt::format("a client certificate with its key has at most {} bytes", kMostCertificate));
  }
  if (const auto fingerprint = client_cert_fingerprint(pem); !fingerprint)
    return std::unexpected(fingerprint.error());
  return std::string(pem);
}

// --- Defaults: made from an account's name, which may hold characters that IRC does not take ---

std::string default_nick(const Row&, const SettingContext& context) {
  std::string nick;
  for (const char c : context.owner.name) nick += c == '.' ? '_' : c;
  // RFC 2812's rule, which some networks have dropped and most keep.
  if (nick.empty() || nick[0] == '-' || (nick[0] >= '0' && nick[0] <= '9')) nick.insert(0, "_");
  return nick;
}

std::string default_alt_nick(const Row& row, const SettingContext&) {
  return row.nick + "_";
}

std::string default_realname(const Row&, const SettingContext& context) {
  return context.owner.name;
}

// --- Where they are kept ---

template <auto Column, auto check = setting_accessors::any, auto fallback = nullptr>
constexpr NetworkSetting::Accessors column() {
  return setting_accessors::column<Row, Column, check, fallback>();
}

template <auto Column, const std::string_view* purpose, auto check>
constexpr NetworkSetting::Accessors sealed() {
  return {.take = [](const NetworkSetting&, Row& row, std::string_view value,
                     const SettingContext& context) -> Taken {
            const auto checked = check(value);
            if (!checked) return std::unexpected(checked.error());
            row.*Column = context.sealer.seal(*purpose, *checked);
            return {};
          },
          .show = [](const NetworkSetting&, const Row& row, const Sealer*) -> std::string {
            return (row.*Column).empty() ? "" : "given";
          },
          .same = [](const NetworkSetting&, const Row& a, const Row& b) { return a.*Column == b.*Column; },
          .purpose = *purpose,
          .sealed = [](const NetworkSetting&, const Row& row) { return row.*Column; }};
}

// A certificate is shown by its fingerprint, which the network is told.
std::string show_client_cert(const NetworkSetting&, const Row& row, const Sealer* sealer) {
  if (row.sealed_client_cert.empty()) return {};
  if (sealer == nullptr) return "given";
  const auto pem = sealer->unseal(seal_purpose::kClientCert, row.sealed_client_cert);
  return pem ? client_cert_fingerprint(*pem).value_or("given") : "given";
}

constexpr NetworkSetting::Accessors client_cert_accessors() {
  auto accessors = sealed<&Row::sealed_client_cert, &seal_purpose::kClientCert, check_client_cert>();
  accessors.show = show_client_cert;
  return accessors;
}

// Lines to send may hold passwords (OPER, IDENTIFY): sealed as those are, and shown without them.
Taken take_connect_lines(const NetworkSetting& self, Row& row, std::string_view value,
                         const SettingContext& context) {
  const auto checked = check_connect_lines(value);
  if (!checked) return std::unexpected(checked.error());
  keep_value(row.settings, self.name, context.sealer.seal(seal_purpose::kOnConnect, *checked));
  return {};
}

std::string show_connect_lines(const NetworkSetting&, const Row& row, const Sealer* sealer) {
  const std::string sealed = sealed_connect_lines(row);
  if (sealed.empty()) return {};
  const auto lines =
      sealer == nullptr ? std::unexpected(std::string()) : sealer->unseal(seal_purpose::kOnConnect, sealed);
  if (!lines) return "given";
  std::string shown;
  std::string_view rest = *lines;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    (shown += shown.empty() ? "" : "\n") += irc::line_secrets(rest.substr(0, end)).shown;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return shown;
}

constexpr NetworkSetting::Accessors connect_lines_accessors() {
  auto accessors = setting_accessors::kept<Row>();
  accessors.take = take_connect_lines;
  accessors.show = show_connect_lines;
  accessors.purpose = seal_purpose::kOnConnect;
  accessors.sealed = setting_accessors::kept_of<Row>;
  return accessors;
}

Taken take_sasl(const NetworkSetting&, Row& row, std::string_view how, const SettingContext& context) {
  const std::size_t colon = std::min(how.find(':'), how.size());
  const std::string_view mechanism = how.substr(0, colon);
  const std::string_view account = how.substr(std::min(colon + 1, how.size()));
  if (how.empty() || how == "none") {
    row.sasl_mechanism.clear();
    row.sasl_account.clear();
  } else if (mechanism == "plain" || mechanism == "scram") {
    const bool plain = mechanism == "plain";
    if (account.empty() || irc::has_forbidden_byte(account)) {
      return std::unexpected(
          fmt::format("SASL {} needs an account: --sasl {}:ACCOUNT", plain ? "PLAIN" : "SCRAM", mechanism));
    }
    row.sasl_mechanism = plain ? "PLAIN" : kScram;
    row.sasl_account = account;
  } else if (how == "external") {
    row.sasl_mechanism = "EXTERNAL";
    row.sasl_account.clear();
    if (row.sealed_client_cert.empty()) {
      const auto pair = net::make_self_signed(context.owner.name, context.now_s);
      if (!pair) return std::unexpected(pair.error());
      row.sealed_client_cert = context.sealer.seal(seal_purpose::kClientCert, pair->certificate + pair->key);
    }
  } else {
    return std::unexpected(fmt::format("sasl is plain:ACCOUNT, scram:ACCOUNT or external, not \"{}\"", how));
  }
  return {};
}

std::string show_sasl(const NetworkSetting&, const Row& row, const Sealer*) {
  if (row.sasl_mechanism == "PLAIN") return "plain:" + row.sasl_account;
  if (row.sasl_mechanism == kScram) return "scram:" + row.sasl_account;
  return row.sasl_mechanism == "EXTERNAL" ? "external" : "";
}

bool same_sasl(const NetworkSetting&, const Row& a, const Row& b) {
  return a.sasl_mechanism == b.sasl_mechanism && a.sasl_account == b.sasl_account;
}

// What only several of them together can get wrong.
Taken check_together(const Row& row) {
  if ((row.sasl_mechanism == "PLAIN" || row.sasl_mechanism == kScram) && row.sealed_sasl_password.empty()) {
    return std::unexpected(
        fmt::format("SASL {} needs a password: add --sasl-password-stdin", row.sasl_mechanism));
  }
  if (row.sasl_mechanism != "EXTERNAL") return {};
  if (row.sealed_client_cert.empty()) return std::unexpected("SASL EXTERNAL needs a client certificate");
  const auto tls = [](std::string_view url) { return parse_network_url(url).value_or(NetworkUrl{}).tls; };
  if (std::ranges::none_of(split_urls(row.urls), tls))
    return std::unexpected("SASL EXTERNAL needs TLS: give an ircs:// address");
  return {};
}

constexpr NetworkSetting kSettings[] = {
    {.name = "url",
     .value = "URL",
     .effect = Effect::kReconnects,
     .accessors = column<&Row::urls, check_urls>(),
     .help = "where the network is reached; several with commas between are tried in turn"},
    {.name = "nick",
     .value = "N",
     .attribute = "nickname",
     .accessors = column<&Row::nick, check_nick, default_nick>(),
     .help = "the nick to use; else the user's name"},
    {.name = "alt-nick",
     .value = "N",
     .accessors = column<&Row::alt_nick, check_nick, default_alt_nick>(),
     .help = "the nick when that one is taken"},
    {.name = "username",
     .value = "U",
     .attribute = "username",
     .effect = Effect::kReconnects,
     .accessors = column<&Row::username, check_username, default_nick>(),
     .help = "the user name (ident) to give"},
    {.name = "realname",
     .value = "R",
     .attribute = "realname",
     .effect = Effect::kReconnects,
     .accessors = column<&Row::realname, check_realname, default_realname>(),
     .help = "the real name to give"},
    {.name = "pass",
     .kind = NetworkSetting::Kind::kSecret,
     .attribute = "pass",
     .effect = Effect::kReconnects,
     .accessors = sealed<&Row::sealed_password, &seal_purpose::kPassword, check_password>(),
     .help = "the server's password"},
    {.name = "client-cert",
     .kind = NetworkSetting::Kind::kSecretText,
     .effect = Effect::kReconnects,
     .accessors = client_cert_accessors(),
     .help = "certificate and key (PEM) for SASL EXTERNAL; else one is made"},
    {.name = "sasl",
     .value = "HOW",
     .effect = Effect::kReconnects,
     .accessors = {.take = take_sasl, .show = show_sasl, .same = same_sasl},
     .help = "plain:ACCOUNT, scram:ACCOUNT or external; empty: none"},
    {.name = "sasl-password",
     .kind = NetworkSetting::Kind::kSecret,
     .effect = Effect::kReconnects,
     .accessors = sealed<&Row::sealed_sasl_password, &seal_purpose::kSaslPassword, check_sasl_password>(),
     .help = "the password of SASL PLAIN or SCRAM"},
    {.name = "cert-pin",
     .value = "SHA256",
     .effect = Effect::kReconnects,
     .accessors = column<&Row::cert_pins, check_pins>(),
     .help = "fingerprints of the server's certificate to trust, with commas between"},
    {.name = kVia,
     .value = "HOW",
     .effect = Effect::kReconnects,
     .accessors = setting_accessors::kept<Row, check_via>(),
     .help = "socks: by the proxy of upstream.socks (Tor); direct, or empty: not"},
    {.name = kOnConnectSetting,
     .kind = NetworkSetting::Kind::kLines,
     .value = "LINE",
     .accessors = connect_lines_accessors(),
     .help = "an IRC line to send once connected; may be given again"},
    {.name = kReattachOnSetting,
     .value = "WHEN",
     .accessors = setting_accessors::kept<Row, check_reattach>(),
     .help = "a detached channel is shown again: never, highlight or message; empty: as the user's"},
    {.name = kAutoAwaySetting,
     .value = "TEXT",
     .accessors = setting_accessors::kept<Row, check_away>(),
     .help = "AWAY with this text while no client is there; off: not; empty: as the user's"},
};

}  // namespace

std::span<const NetworkSetting> network_settings() {
  return kSettings;
}

bool by_socks(const storage::NetworkRow& row) {
  return kept_value(row.settings, kVia) == "socks";
}

std::string sealed_connect_lines(const storage::NetworkRow& row) {
  return kept_value(row.settings, kOnConnectSetting);
}

std::string auto_away(const storage::NetworkRow& row, const storage::UserRow& owner) {
  const std::string own = kept_value(row.settings, kAutoAwaySetting);
  if (own == "off") return {};
  return own.empty() ? kept_value(owner.settings, kAutoAwaySetting) : own;
}

ReattachOn reattach_on(const storage::NetworkRow& row, const storage::UserRow& owner) {
  std::string when = kept_value(row.settings, kReattachOnSetting);
  if (when.empty()) when = kept_value(owner.settings, kReattachOnSetting);
  if (when == "never") return ReattachOn::kNever;
  return when == "message" ? ReattachOn::kMessage : ReattachOn::kHighlight;
}

std::vector<std::pair<std::string_view, SealedSecret>> sealed_secrets(const storage::NetworkRow& row) {
  std::vector<std::pair<std::string_view, SealedSecret>> all;
  for (const NetworkSetting& setting : kSettings) {
    if (setting.accessors.sealed == nullptr) continue;
    std::string sealed = setting.accessors.sealed(setting, row);
    if (!sealed.empty())
      all.emplace_back(setting.name,
                       SealedSecret{.purpose = setting.accessors.purpose, .sealed = std::move(sealed)});
  }
  return all;
}

bool seal_connect_lines(storage::NetworkRow& row, const Sealer& sealer) {
  if (row.on_connect.empty()) return false;
  keep_value(row.settings, kOnConnectSetting, sealer.seal(seal_purpose::kOnConnect, row.on_connect));
  row.on_connect.clear();
  return true;
}

std::expected<void, std::string> take_settings(storage::NetworkRow& row, const SettingValues& values,
                                               bool fresh, const SettingContext& context) {
  if (auto taken = take_from_table(network_settings(), "a network", row, {values, fresh, context}); !taken)
    return taken;
  return check_together(row);
}

bool needs_reconnect(const storage::NetworkRow& before, const storage::NetworkRow& after) {
  return std::ranges::any_of(kSettings, [&](const NetworkSetting& setting) {
    return setting.effect == Effect::kReconnects && !setting.accessors.same(setting, before, after);
  });
}

}  // namespace halley
