// Accounts over a store in memory, with a fixed key and an observer that writes down what it hears.
#pragma once

#include <string>
#include <vector>

#include "bouncer/accounts/accounts.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_random.h"
#include "tests/fakes/storage/api/memory_store.h"

namespace halley::tests {

struct Ear final : Accounts::Observer {
  void user_changed(const storage::SharedUserRow& user) override { heard.push_back("user " + user->name); }
  void user_removed(UserId id) override { heard.push_back("user gone " + std::to_string(id)); }
  void network_changed(const storage::SharedNetworkRow& network) override {
    heard.push_back("network " + network->name);
  }
  void network_removed(const storage::NetworkRow& network) override {
    heard.push_back("network gone " + network.name);
  }
  void buffer_changed(const storage::BufferRow& buffer) override { heard.push_back("buffer " + buffer.name); }
  void buffer_removed(const storage::BufferRow& buffer) override {
    heard.push_back("buffer gone " + buffer.name);
  }
  void password_changed(UserId id) override { heard.push_back("password of " + std::to_string(id)); }
  void device_revoked(DeviceId id) override { heard.push_back("device gone " + std::to_string(id)); }
  void session_revoked(std::uint64_t id) override { heard.push_back("session gone " + std::to_string(id)); }
  std::vector<std::string> take() { return std::exchange(heard, {}); }
  std::vector<std::string> heard;
};

struct AccountsBench {
  explicit AccountsBench(storage::Loaded loaded = {})
      : accounts(
            {.store = store,
             .clock = clock,
             .random = random,
             .sealer = sealer,
             .config = config,
             .audit = Audit(nullptr, [this](UserId, const AuditEntry& entry) { audited.push_back(entry); })},
            std::move(loaded)) {
    accounts.observe(&ear);
  }
  Accounts::NetworkDraft draft(std::string urls = "ircs://irc.example.org") const {
    Accounts::NetworkDraft out;
    out.settings.set("url", std::move(urls));
    return out;
  }

  fakes::FakeClock clock;
  fakes::FakeRandom random;
  Sealer::Key key{1, 2, 3};
  Sealer sealer{key, random};
  Config config;
  fakes::MemoryStore store;
  Ear ear;
  std::vector<AuditEntry> audited;  // of whatever user
  Accounts accounts;
};

// An argon2id string that costs next to nothing, of the password "secret".
inline const char* const kCheapHash =
    "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$+c6q23sQwLpOH1shdbgrn6Ho39DyRbsdY34ab5ZO+fs";

}  // namespace halley::tests
