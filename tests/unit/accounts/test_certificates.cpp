// Certificates of devices that clients have shown: which device gets one, and what it is called.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using tests::AccountsBench;

namespace {

struct PinBench : AccountsBench {
  PinBench() {
    REQUIRE(accounts.add_user("alice", "", false));
    accounts.flush(nullptr);
  }
  Accounts::Result<std::string> pin(std::string_view name, DeviceId came_as = 0, char digit = 'a') {
    const std::string fingerprint(128, digit);
    auto pinned = accounts.pin_certificate(1, came_as, {.fingerprint = fingerprint, .name = name});
    if (pinned)
      accounts.flush(nullptr);
    else
      accounts.rollback();
    return pinned;
  }
};

}  // namespace

TEST_CASE("A name is made of what was meant for one") {
  CHECK(account_name_like("laptop_2.home-x") == "laptop_2.home-x");
  CHECK(account_name_like("my phone") == "my-phone");
  CHECK(account_name_like("J\u00fcrgen \u4e2d") == "J-rgen--");
  CHECK(account_name_like(std::string(40, 'n')) == std::string(32, 'n'));
  CHECK(account_name_like("\u4e2d") == "_");
  CHECK(account_name_like("..") == "_.");
  CHECK(account_name_like("").empty());
}

TEST_CASE("A certificate that was shown goes to the device that its client came as, or to a new one") {
  PinBench bench;
  const DeviceId nameless = *bench.accounts.device_for(1, ""), phone = *bench.accounts.device_for(1, "phone");
  CHECK(bench.pin("else", phone, 'a') == "phone");
  CHECK(bench.accounts.device(phone)->certificate == std::string(128, 'a'));
  CHECK(bench.pin("phone", phone, 'b') == "phone-2");  // it has one
  CHECK(bench.pin("Phone", nameless, 'c') == "Phone-3");
  CHECK(bench.pin("", nameless, 'd') == "client");
  CHECK(bench.pin("", 0, 'e') == "client-2");
  CHECK(bench.accounts.device(nameless)->certificate.empty());
  CHECK(bench.store.last<storage::PutDevice>().row.certificate == std::string(128, 'e'));

  bench.accounts.remove_certificate(phone);
  CHECK(bench.accounts.find_certificate(std::string(128, 'a')).empty());
  bench.accounts.rollback();
  CHECK(bench.accounts.find_certificate(std::string(128, 'a')).size() == 1);
  bench.accounts.remove_certificate(phone);
  bench.accounts.flush(nullptr);
  CHECK(bench.accounts.device(phone)->name == "phone");
  CHECK(bench.store.last<storage::PutDevice>().row.certificate.empty());
}

TEST_CASE("What a certificate cannot be given is told, and nothing has changed") {
  PinBench bench;
  const DeviceId nameless = *bench.accounts.device_for(1, "");
  CHECK_FALSE(bench.accounts.pin_certificate(1, 0, {.fingerprint = "", .name = "phone"}));
  bench.accounts.rollback();
  CHECK_FALSE(bench.accounts.pin_certificate(7, 0, {.fingerprint = std::string(128, 'a'), .name = "phone"}));
  bench.config.limits.devices_per_user = 2;
  const DeviceId old = *bench.accounts.device_for(1, "old");
  // A device without token or certificate makes place, but not the one that the client came as.
  CHECK(bench.pin("phone", nameless, 'a') == "phone");
  CHECK(bench.accounts.device(old) == nullptr);
  CHECK_FALSE(bench.pin("tablet", nameless, 'b'));
  CHECK(bench.accounts.device(nameless) != nullptr);
  CHECK(bench.accounts.find_device(1, "tablet") == nullptr);
}
