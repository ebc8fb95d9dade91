// CLIENTCERT: clients that pin their TLS certificates, see which are pinned, and take them back.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/dialogue/attached.h"
#include "tests/fakes/storage/base/failing_disk.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::ClientFingerprints;
using halley::dialogue::Scene;

namespace {

const std::string kSha256(64, 'a'), kSha512(128, 'b');
const ClientFingerprints kOwn{.sha256 = kSha256, .sha512 = kSha512};
const ClientFingerprints kOther{.sha256 = std::string(64, 'c'), .sha512 = std::string(128, 'd')};

// By the password, with a certificate shown besides.
Actor come(Scene& scene, std::string_view login, const ClientFingerprints& certificate,
           std::string_view caps = "soju.im/client-cert batch") {
  Actor client = scene.connect_client({}, certificate);
  client.say(fmt::format("CAP REQ :{}", caps));
  client.expect(" ACK ");
  client.say(fmt::format("PASS {}:secret", login));
  client.say("NICK x");
  client.say("USER x 0 * :x");
  client.say("CAP END");
  client.expect(" 422 ");
  return client;
}

// Up to the end of SASL; "903" or "904" comes next.
Actor come_by_certificate(Scene& scene, const ClientFingerprints& certificate,
                          std::string_view account = "ann/net") {
  Actor client = scene.connect_client({}, certificate);
  client.say("CAP REQ :sasl soju.im/client-cert batch");
  client.expect(" ACK ");
  client.say("NICK x");
  client.say(fmt::format("USER {} 0 * :x", account));
  client.say("AUTHENTICATE EXTERNAL");
  client.expect("AUTHENTICATE +");
  client.say("AUTHENTICATE +");
  return client;
}

// What stands between the ends of the batch.
std::vector<std::string> listed(Actor& client) {
  client.say("CLIENTCERT LIST");
  CHECK(client.expect("BATCH +").ends_with(" soju.im/client-cert"));
  auto lines = client.until("BATCH -");
  lines.pop_back();
  return lines;
}

const halley::storage::DeviceRow* device(Scene& scene, std::string_view name) {
  return scene.accounts().find_device(scene.user("ann").id(), name);
}

bool audited(const Scene& scene, std::string_view what) {
  return std::ranges::any_of(scene.audit, [&](const std::string& line) { return line.contains(what); });
}

}  // namespace

TEST_CASE("a client pins its certificate, and logs in by it from then on, also after a restart") {
  Attached t(GENERATE(1U, 2U));
  {
    Actor client = come(t.scene, "ann/net@phone", kOwn);
    CHECK(listed(client).empty());
    client.say("CLIENTCERT CREATE whatever");
    client.expect(":halley.local CLIENTCERT CREATE");
    // The device that it came as has it: its place in the conversation stays.
    REQUIRE(device(t.scene, "phone"));
    CHECK(device(t.scene, "phone")->certificate == kSha512);
    CHECK(device(t.scene, "whatever") == nullptr);
    CHECK(audited(t.scene, "CLIENTCERT CREATE phone by ann"));
    // Once more changes nothing.
    client.say("CLIENTCERT CREATE other");
    client.expect(":halley.local CLIENTCERT CREATE");
    CHECK(device(t.scene, "other") == nullptr);
    CHECK(device(t.scene, "phone")->certificate == kSha512);
    client.say("QUIT");
    client.expect_closed();
  }
  t.scene.restart();
  t.server.emplace(t.scene.register_network());
  Actor again = come_by_certificate(t.scene, kOwn);
  again.expect(" 903 ");
  again.say("CAP END");
  again.expect(" 422 ");
  const auto pins = listed(again);
  REQUIRE(pins.size() == 1);
  CHECK(pins[0].contains(fmt::format(" CLIENTCERT LIST {} name=phone time=20", kSha512)));
  CHECK(pins[0].starts_with("@batch="));
  CHECK(pins[0].ends_with("Z ip=127.0.0.1"));
}

TEST_CASE("who has shown no certificate has none to pin") {
  Attached t;
  Actor client = come(t.scene, "ann/net@phone", {});
  client.say("CLIENTCERT CREATE phone");
  client.expect("FAIL CLIENTCERT NOCERT CREATE :This connection has shown no TLS certificate");
  client.say("CLIENTCERT DELETE");
  client.expect("FAIL CLIENTCERT INTERNAL_ERROR DELETE :This connection has shown no certificate");
  client.say("CLIENTCERT sideways");
  client.expect("FAIL CLIENTCERT UNKNOWN_COMMAND sideways :");
  client.say("CLIENTCERT :");
  client.expect("FAIL CLIENTCERT UNKNOWN_COMMAND * :");
  client.say("CLIENTCERT");
  client.expect(" 461 ");
  CHECK(device(t.scene, "phone")->certificate.empty());
}

TEST_CASE("a connection whose device has no name makes one that is called nearly as it says") {
  Attached t;
  const auto& accounts = t.scene.accounts();
  Actor client = come(t.scene, "ann/net", kOwn);
  SECTION("as it says") {
    client.say("CLIENTCERT CREATE laptop");
    client.expect(" CLIENTCERT CREATE");
    CHECK(device(t.scene, "laptop")->certificate == kSha512);
  }
  SECTION("what a name may not have is a dash") {
    client.say("CLIENTCERT CREATE :J\u00fcrgen's phone");
    client.expect(" CLIENTCERT CREATE");
    CHECK(device(t.scene, "J-rgen-s-phone"));
  }
  SECTION("one that is taken gets a number, and what is too long is cut") {
    const std::string longest(32, 'n');
    REQUIRE(t.scene.accounts().add_device("ann", longest));
    t.scene.accounts().flush(nullptr);
    client.say("CLIENTCERT CREATE " + longest + "n");
    client.expect(" CLIENTCERT CREATE");
    CHECK(device(t.scene, std::string(30, 'n') + "-2")->certificate == kSha512);
  }
  SECTION("none at all will do") {
    client.say("CLIENTCERT CREATE");
    client.expect(" CLIENTCERT CREATE");
    CHECK(device(t.scene, "client")->certificate == kSha512);
  }
  CHECK(accounts.find_certificate(kSha512).size() == 1);
  CHECK(device(t.scene, "")->certificate.empty());
}

TEST_CASE("a device that is made for a pin comes back to where the client was") {
  Attached t;
  t.scene.config.history.first_lines = 1;  // what a stranger would be told
  {
    Actor client = come(t.scene, "ann/net", kOwn);
    client.say("CLIENTCERT CREATE laptop");
    client.expect(" CLIENTCERT CREATE");
    client.say("QUIT");
    client.expect_closed();
  }
  for (const char* text : {"one", "two", "three"}) t.bob(text);
  Actor again = come_by_certificate(t.scene, kOwn);
  again.expect(" 903 ");
  again.say("CAP END");
  for (const char* text : {"one", "two", "three"}) again.expect(text);
}

TEST_CASE("one that is pinned by its SHA-256 is pinned, and listed and removed as it stands there") {
  Attached t;
  REQUIRE(t.scene.accounts().add_certificate("ann", "phone", kSha256));
  t.scene.accounts().flush(nullptr);
  Actor client = come(t.scene, "ann/net@laptop", kOwn);
  client.say("CLIENTCERT CREATE laptop");
  client.expect(" CLIENTCERT CREATE");
  CHECK(device(t.scene, "laptop")->certificate.empty());
  const auto pins = listed(client);
  REQUIRE(pins.size() == 1);
  // It was never here: no more is known of it.
  CHECK(pins[0].ends_with(fmt::format(" CLIENTCERT LIST {} name=phone", kSha256)));
  const std::string said = GENERATE(std::string(), kSha512, kSha256);
  client.say(fmt::format("CLIENTCERT DELETE {}", said));
  CHECK(client.expect("CLIENTCERT DELETE").ends_with(said.empty() ? "DELETE" : said));
  CHECK(listed(client).empty());
  CHECK(device(t.scene, "phone"));  // it was this connection's: only the certificate goes
}

TEST_CASE("a client that takes its certificate back goes on, and does not come in by it again") {
  Attached t;
  {
    Actor client = come(t.scene, "ann/net@phone", kOwn);
    client.say("CLIENTCERT CREATE phone");
    client.expect(" CLIENTCERT CREATE");
  }
  Actor client = come_by_certificate(t.scene, kOwn);
  client.expect(" 903 ");
  client.say("CAP END");
  client.expect(" 422 ");
  client.say("CLIENTCERT DELETE");
  client.expect(":halley.local CLIENTCERT DELETE");
  CHECK(audited(t.scene, "CLIENTCERT DELETE phone by ann"));
  t.bob("still heard");
  client.expect("still heard");
  CHECK(listed(client).empty());
  client.say("CLIENTCERT DELETE");
  client.expect("FAIL CLIENTCERT INTERNAL_ERROR DELETE :No device of yours has that certificate");
  come_by_certificate(t.scene, kOwn).expect(" 904 ");
}

TEST_CASE("the certificate of another device ends what came in by it, unless it has a token, too") {
  Attached t;
  auto& accounts = t.scene.accounts();
  REQUIRE(accounts.add_certificate("ann", "stolen", kOther.sha512));
  const bool token = GENERATE(false, true);
  if (token) REQUIRE(accounts.add_device("ann", "stolen"));
  // What others have pinned is none of ann's.
  t.scene.add_user("mallory");
  REQUIRE(accounts.add_certificate("mallory", "phone", std::string(128, 'e')));
  accounts.flush(nullptr);
  Actor thief = come_by_certificate(t.scene, kOther);
  thief.expect(" 903 ");
  thief.say("CAP END");
  thief.expect(" 422 ");

  Actor client = come(t.scene, "ann/net@phone", kOwn);
  client.say("CLIENTCERT DELETE " + std::string(128, 'e'));
  client.expect("FAIL CLIENTCERT INTERNAL_ERROR DELETE :No device of yours");
  client.say("CLIENTCERT DELETE 12:34");
  client.expect("FAIL CLIENTCERT INTERNAL_ERROR DELETE :That is no fingerprint");
  client.say("CLIENTCERT DELETE " + kOther.sha512);
  client.expect(":halley.local CLIENTCERT DELETE " + kOther.sha512);
  if (token) {
    REQUIRE(device(t.scene, "stolen"));
    CHECK(device(t.scene, "stolen")->certificate.empty());
    CHECK_FALSE(device(t.scene, "stolen")->token_hash.empty());
  } else {
    thief.expect_closed();
    CHECK(device(t.scene, "stolen") == nullptr);
  }
  come_by_certificate(t.scene, kOther).expect(" 904 ");
  CHECK(accounts.find_certificate(std::string(128, 'e')).size() == 1);
}

TEST_CASE("the device of the connection itself keeps it, whichever certificate it shows") {
  Attached t;
  REQUIRE(t.scene.accounts().add_certificate("ann", "phone", kOther.sha512));
  t.scene.accounts().flush(nullptr);
  Actor client = come(t.scene, "ann/net@phone", kOwn);
  client.say("CLIENTCERT CREATE phone");  // that device has another one
  client.expect(" CLIENTCERT CREATE");
  CHECK(device(t.scene, "phone-2")->certificate == kSha512);
  client.say("CLIENTCERT DELETE " + kOther.sha512);
  client.expect(" CLIENTCERT DELETE ");
  CHECK(device(t.scene, "phone")->certificate.empty());
  t.bob("still heard");
  client.expect("still heard");
}

TEST_CASE("a client of all networks pins its certificate as others do") {
  Attached t;
  Actor client = come(t.scene, "ann/*@phone", kOwn);
  client.say("CLIENTCERT CREATE phone");
  client.expect(" CLIENTCERT CREATE");
  CHECK(device(t.scene, "phone")->certificate == kSha512);
  CHECK(listed(client).size() == 1);
}

TEST_CASE("the list goes without a batch to whom knows none") {
  Attached t;
  Actor client = come(t.scene, "ann/net@phone", kOwn, "soju.im/client-cert");
  client.say("CLIENTCERT CREATE phone");
  client.expect(" CLIENTCERT CREATE");
  client.say("CLIENTCERT LIST");
  CHECK(client.expect("CLIENTCERT LIST").starts_with(":halley.local CLIENTCERT LIST " + kSha512));
}

TEST_CASE("as many devices as may be are told, and the one that asks makes no place") {
  Attached t;
  t.scene.config.limits.devices_per_user = 2;
  Actor client = come(t.scene, "ann/net", kOwn);  // the first
  REQUIRE(t.scene.accounts().add_device("ann", "keyed"));
  t.scene.accounts().flush(nullptr);
  client.say("CLIENTCERT CREATE third");
  client.expect("FAIL CLIENTCERT INTERNAL_ERROR CREATE :there are 2 devices ");
  CHECK(device(t.scene, "third") == nullptr);
  t.bob("still heard");
  client.expect("still heard");
}

TEST_CASE("CLIENTCERT changes nothing while too many changes wait for the disk, and says so") {
  halley::fakes::FailingDisk disk;
  Attached t;
  Actor client = come(t.scene, "ann/net@phone", kOwn);
  client.say("CLIENTCERT CREATE phone");
  client.expect(" CLIENTCERT CREATE");
  disk.fill();
  t.scene.store().commit({}, nullptr);
  REQUIRE(t.scene.turn_until([&] { return !t.scene.store().figures().trouble.empty(); }));
  while (t.scene.store().takes_commits()) t.scene.store().commit({}, nullptr);
  client.say("CLIENTCERT DELETE");
  client.expect("FAIL CLIENTCERT INTERNAL_ERROR DELETE :Nothing was done: too many changes wait");
  CHECK(device(t.scene, "phone")->certificate == kSha512);
  disk.mend();
  REQUIRE(t.scene.turn_until([&] { return t.scene.store().takes_commits(); }));
  client.say("CLIENTCERT DELETE");
  client.expect(":halley.local CLIENTCERT DELETE");
  CHECK(device(t.scene, "phone")->certificate.empty());
}
