// CLIENTCERT: a client pins the TLS certificate that it shows, and logs in by it from then on (SASL
// EXTERNAL). A pin is a device's certificate, as `device add --certificate` makes it. Source:
// https://soju.im/client-cert
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/unsaved.h"
#include "bouncer/core/device_visits.h"
#include "bouncer/core/network.h"
#include "bouncer/core/state_kinds.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/account_changes.h"
#include "bouncer/downstream/batch.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/downstream/handlers.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/text.h"
#include "bouncer/irc/time_tag.h"
#include "bouncer/net/address.h"
#include "bouncer/net/tls_certificate.h"

namespace halley {
namespace {

using Pins = std::vector<storage::DeviceRow>;

constexpr std::string_view kClientCert = "CLIENTCERT";
constexpr std::size_t kShownOfSubcommand = 200;  // in an error, bytes

void refuse_pin(Downstream& client, std::string_view subcommand, std::string_view why) {
  client.fail(kClientCert, "INTERNAL_ERROR", {subcommand}, why);
}

// The user's devices with that certificate, in either of its forms. Copies: what is changed of one moves
// others.
Pins pins_of(const Downstream& client, std::string_view fingerprint, std::string_view other_form) {
  Pins pins;
  for (const auto* device : client.accounts().find_certificate(fingerprint, other_form)) {
    if (device->user == client.user()->id()) pins.push_back(*device);
  }
  return pins;
}

// `words` are the answer, once the change is on disk; before it, `done`.
void commit_pin(
    Downstream& client, std::string what, std::vector<std::string> words,
    std::function<void()> done = [] {}) {
  commit_change(client, std::move(what),
                [&client, words = std::move(words), done = std::move(done)](const storage::Status& status) {
                  if (!status) return refuse_pin(client, words.front(), unsaved_text(status.error()));
                  done();
                  std::string line;
                  const std::vector<std::string_view> params(words.begin(), words.end());
                  irc::append_line(
                      line, {.source = client.server_name(), .command = kClientCert, .params = params});
                  client.send(line);
                });
}

// A device that was made for the pin comes back to where the client is that made it.
void take_place(Downstream& client, std::string_view name) {
  User& user = *client.user();
  const auto* made = client.accounts().find_device(user.id(), name);
  if (made == nullptr || made->id == client.device()) return;
  for (const auto& network : user.networks()) {
    const EventId seen = user.positions().of(client.device(), network->id());
    if (seen != 0 && user.has_room(storage::kMaxRecord)) user.positions().set(made->id, network->id(), seen);
  }
}

void create_pin(Downstream& client, const irc::Message& m) {
  const net::Peer& peer = client.peer();
  if (peer.cert_fingerprint.empty()) {
    return client.fail(
        kClientCert, "NOCERT", {"CREATE"},
        "This connection has shown no TLS certificate: give your client one, and connect again");
  }
  if (!pins_of(client, peer.cert_fingerprint, peer.cert_sha512).empty())
    return client.send(irc::format_line(client.server_name(), kClientCert, {"CREATE"}));
  Accounts& accounts = client.accounts();
  if (!may_change(client)) return refuse_pin(client, "CREATE", kTakesNoChanges);
  const auto device = accounts.pin_certificate(client.user()->id(), client.device(),
                                               {.fingerprint = peer.cert_sha512, .name = m.param(1)});
  if (!device) {
    accounts.rollback();
    return refuse_pin(client, "CREATE", device.error());
  }
  commit_pin(client, fmt::format("CLIENTCERT CREATE {}", *device), {"CREATE"},
             [&client, name = *device] { take_place(client, name); });
}

// One key of what is told of a pin; what is not known is left out.
void add_fact(std::vector<std::string>& words, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  words.push_back(fmt::format("{}=", key));
  irc::append_escaped_tag_value(words.back(), value);
}

std::string pin_line(const Downstream& client, std::string_view batch, const storage::DeviceRow& device,
                     const DeviceVisits::Visit& visit) {
  std::vector<std::string> words{"LIST", device.certificate};
  add_fact(words, "name", device.name);
  if (const std::int64_t seen_ms = visit.came_ms != 0 ? visit.came_ms : device.seen_ms; seen_ms != 0) {
    std::string time;
    irc::append_time(time, seen_ms);
    add_fact(words, "time", time);
  }
  if (net::Address::numeric(visit.source.address, 0).valid()) add_fact(words, "ip", visit.source.address);
  const std::vector<std::string_view> params(words.begin(), words.end());
  const std::string tags = batch.empty() ? std::string() : fmt::format("batch={}", batch);
  std::string line;
  irc::append_line(line,
                   {.tags = tags, .source = client.server_name(), .command = kClientCert, .params = params});
  return line;
}

void tell_pins(Downstream& client, std::map<storage::DeviceId, DeviceVisits::Visit> visits) {
  in_batch(client, {.type = "soju.im/client-cert"}, [&](const std::string& reference) {
    for (const auto* device : client.accounts().devices(client.user()->id())) {
      if (!device->certificate.empty()) client.send(pin_line(client, reference, *device, visits[device->id]));
    }
  });
}

// Where each device was last here from is in the store alone.
void list_pins(Downstream& client, const irc::Message&) {
  const AnswerId asked = client.asked_store();
  const auto tell = [&client, asked, alive = client.alive()](
                        const std::expected<std::vector<storage::StateRow>, std::string>& rows) {
    if (alive.expired()) return;
    const Answering answering(client, asked);
    if (!rows) {
      refuse_pin(client, "LIST", rows.error());
    } else if (client.user()) {
      tell_pins(client, DeviceVisits::read(*rows));
    }
    client.store_answered(asked);
  };
  client.store().read_states(client.user()->id(), static_cast<std::uint16_t>(StateKind::kDeviceVisit), tell);
}

// Which one is to go: "" is that of this connection. Empty: none has it, and the client was told.
Pins require_pins(Downstream& client, std::string_view asked) {
  const net::Peer& peer = client.peer();
  const std::string fingerprint = net::normal_fingerprint(std::string(asked));
  if (asked.empty() && peer.cert_fingerprint.empty()) {
    refuse_pin(client, "DELETE", "This connection has shown no certificate: say the fingerprint of one");
    return {};
  }
  if (!asked.empty() && fingerprint.empty()) {
    refuse_pin(client, "DELETE", "That is no fingerprint: say one as CLIENTCERT LIST names it");
    return {};
  }
  const bool own = asked.empty() || fingerprint == peer.cert_fingerprint || fingerprint == peer.cert_sha512;
  Pins pins = own ? pins_of(client, peer.cert_fingerprint, peer.cert_sha512)
                  : pins_of(client, fingerprint, std::string_view());
  if (pins.empty())
    refuse_pin(client, "DELETE",
               "No device of yours has that certificate: CLIENTCERT LIST names those that do");
  return pins;
}

// Whoever gives up the certificate that this connection has shown, or that of its own device, goes on.
// Another device that has nothing else to log in by goes with what it has here.
std::expected<void, std::string> drop_pin(Downstream& client, const storage::DeviceRow& device) {
  const net::Peer& peer = client.peer();
  const bool own = device.id == client.device() || device.certificate == peer.cert_fingerprint ||
                   device.certificate == peer.cert_sha512;
  if (!own && device.token_hash.empty())
    return client.accounts().revoke_device(client.user()->name(), device.name);
  client.accounts().remove_certificate(device.id);
  return {};
}

void delete_pin(Downstream& client, const irc::Message& m) {
  const std::string asked(m.param(1));
  const Pins pins = require_pins(client, asked);
  if (pins.empty()) return;
  Accounts& accounts = client.accounts();
  if (!may_change(client)) return refuse_pin(client, "DELETE", kTakesNoChanges);
  for (const storage::DeviceRow& device : pins) {
    if (const auto dropped = drop_pin(client, device); !dropped) {
      accounts.rollback();
      return refuse_pin(client, "DELETE", dropped.error());
    }
  }
  std::vector<std::string> words{"DELETE"};
  if (!asked.empty()) words.push_back(asked);
  std::string names;
  for (const storage::DeviceRow& device : pins) (names += names.empty() ? "" : ", ") += device.name;
  commit_pin(client, fmt::format("CLIENTCERT DELETE {}", names), std::move(words));
}

}  // namespace

void handle_clientcert(Downstream& client, const irc::Message& m) {
  if (irc::same_command(m.param(0), "CREATE")) {
    create_pin(client, m);
  } else if (irc::same_command(m.param(0), "LIST")) {
    list_pins(client, m);
  } else if (irc::same_command(m.param(0), "DELETE")) {
    delete_pin(client, m);
  } else {
    const std::string_view said = m.param(0).empty() ? "*" : irc::clip_utf8(m.param(0), kShownOfSubcommand);
    client.fail(kClientCert, "UNKNOWN_COMMAND", {said}, "Say CREATE, LIST or DELETE");
  }
}

}  // namespace halley
