// The commands of the groups "device" and "session".
#include <fmt/format.h>

#include <charconv>

#include "bouncer/cli/client_url.h"
#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/text_table.h"
#include "bouncer/net/clock.h"
#include "bouncer/net/tls_certificate.h"

namespace halley::cli {

namespace {

// A certificate for a device that has none of its own: whoever asks takes it away, Halley keeps the
// fingerprint.
CommandResult make_certificate(CommandCall& call, const std::string& name) {
  if (call.parsed.has("certificate"))
    return CommandResult::usage("give --certificate or --make-certificate, not both");
  // Each of the user's clients is told what *halley answers, over TLS or not, and may keep it.
  if (call.caller.in_band() && call.caller.overheard)
    return CommandResult::refuse(
        "a private key is not told over IRC, where all of your clients would see it: make the certificate on "
        "the "
        "device, and say device add NAME certificate=FINGERPRINT, or CERTFP on a connection that shows it; "
        "or have "
        "one made over HTTP (POST /api/devices) or on the command line");
  const auto pair = net::make_self_signed(call.user, call.environment.clock.wall_us() / 1'000'000);
  if (!pair) return CommandResult::refuse(pair.error());
  const auto fingerprint = net::pem_fingerprint(pair->certificate);
  if (!fingerprint) return CommandResult::refuse(fingerprint.error());
  const auto added = call.accounts().add_certificate(call.user, name, *fingerprint);
  if (!added) return CommandResult::refuse(added.error());
  CommandResult result = CommandResult::change(
      fmt::format("{}{}{}'s device {} logs in by SASL EXTERNAL, over TLS, with this certificate and its key, "
                  "which a client takes from one file. They are not shown again.",
                  pair->certificate, pair->key, call.user, name),
      {{"user", call.user},
       {"device", name},
       {"certificate", pair->certificate},
       {"key", pair->key},
       {"fingerprint", *fingerprint}});
  result.show_in_batch = true;
  return result;
}

}  // namespace

CommandResult device_add(CommandCall& call) {
  const std::string name = call.parsed.text("NAME");
  if (call.parsed.has("make-certificate")) return make_certificate(call, name);
  if (const std::string* fingerprint = call.parsed.value("certificate")) {
    const auto added = call.accounts().add_certificate(call.user, name, *fingerprint);
    if (!added) return CommandResult::refuse(added.error());
    return CommandResult::change(
        fmt::format("{}'s device {} logs in by SASL EXTERNAL with that certificate, over TLS", call.user,
                    name),
        {{"user", call.user}, {"device", name}});
  }
  const auto token = call.accounts().add_device(
      call.user, name, {.token = call.parsed.text("token"), .scram_keys = call.parsed.text("scram-keys")});
  if (!token) return CommandResult::refuse(token.error());
  const auto url = client_url(call.environment.config, call.user, name, *token);
  const std::string link =
      url ? fmt::format(
                "A client that opens links, such as a phone's, is set up by this one, which has the "
                "token in it:\n{}",
                *url)
          : fmt::format("No link can be told that sets up a client: {}.", url.error());
  // The token first, and alone on its line: scripts take it from there.
  CommandResult result = CommandResult::change(
      fmt::format("{0}\nThis is the token of {1}'s device {2}. It stands where a client asks for a password, "
                  "with {1} or {1}/NETWORK as the user name, or {1}/* for all networks on one connection. It "
                  "is not shown again.\n{3}",
                  *token, call.user, name, link),
      {{"user", call.user},
       {"device", name},
       {"token", *token},
       {"url", url ? nlohmann::json(*url) : nlohmann::json()}});
  result.show_in_batch = true;
  return result;
}

namespace {

CommandResult set_hidden(CommandCall& call, bool hidden) {
  Daemon* daemon = call.environment.daemon;
  if (daemon == nullptr)
    return CommandResult::refuse("no daemon runs that could do it: devices hide while Halley runs");
  const auto network = call.accounts().require_network(call.user, call.parsed.text("NETWORK"));
  if (!network) return CommandResult::refuse(network.error());
  const std::string name = call.parsed.text("DEVICE"), target = call.parsed.text("TARGET");
  const auto device = call.accounts().require_device(call.user, name);
  if (!device) return CommandResult::refuse(device.error());
  if (const auto done = daemon->set_hidden(**device, (*network)->id, target, hidden); !done)
    return CommandResult::refuse(done.error());
  return CommandResult::done(
      fmt::format("device {} {} {} on {}", name, hidden ? "hides" : "shows", target, (*network)->name),
      {{"device", name}, {"network", (*network)->name}, {"target", target}});
}

}  // namespace

CommandResult device_hide(CommandCall& call) {
  return set_hidden(call, true);
}

CommandResult device_unhide(CommandCall& call) {
  return set_hidden(call, false);
}

CommandResult device_rename(CommandCall& call) {
  const std::string name = call.parsed.text("NAME"), next = call.parsed.text("NEW");
  if (const auto done = call.accounts().rename_device(call.user, name, next); !done)
    return CommandResult::refuse(done.error());
  return CommandResult::change(
      fmt::format("device {} of {} is called {} now: clients that log in as {}@{} say {}@{} from now on",
                  name, call.user, next, call.user, name, call.user, next),
      {{"user", call.user}, {"device", next}});
}

CommandResult device_revoke(CommandCall& call) {
  const std::string name = call.parsed.text("NAME");
  if (const auto done = call.accounts().revoke_device(call.user, name); !done)
    return CommandResult::refuse(done.error());
  return CommandResult::change(fmt::format("device {} of {} revoked", name, call.user),
                               {{"user", call.user}, {"device", name}});
}

CommandResult session_list(CommandCall& call) {
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto* session : call.accounts().sessions(call.accounts().find_user(call.user)->id)) {
    json.push_back({{"id", session->id},
                    {"agent", session->agent},
                    {"address", session->address},
                    {"created", format_time(session->created_ms)},
                    {"seen", format_time(session->seen_ms)}});
    rows.push_back({fmt::format("{}", session->id), session->address,
                    fmt::format("seen {}", format_time(session->seen_ms)), session->agent});
  }
  return CommandResult::done(rows.empty() ? "no web logins" : text_table(rows), std::move(json));
}

namespace {

CommandResult revoke_all_sessions(CommandCall& call) {
  const UserId user = call.accounts().find_user(call.user)->id;
  std::vector<std::uint64_t> ids;
  for (const auto* session : call.accounts().sessions(user)) ids.push_back(session->id);
  for (const std::uint64_t id : ids) {
    if (const auto done = call.accounts().revoke_session(user, id); !done)
      return CommandResult::refuse(done.error());
  }
  return CommandResult::change(fmt::format("{} web login{} ended", ids.size(), ids.size() == 1 ? "" : "s"),
                               {{"user", call.user}, {"ids", ids}});
}

}  // namespace

CommandResult session_revoke(CommandCall& call) {
  const std::string text = call.parsed.text("ID");
  if (text == "all") return revoke_all_sessions(call);
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) {
    return CommandResult::usage(
        fmt::format("\"{}\" is no number of a web login; see session list, or say all", text));
  }
  const auto done = call.accounts().revoke_session(call.accounts().find_user(call.user)->id, id);
  if (!done) return CommandResult::refuse(done.error());
  return CommandResult::change(fmt::format("web login {} ended", id), {{"user", call.user}, {"id", id}});
}

}  // namespace halley::cli
