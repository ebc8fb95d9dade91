// What commands for people ask of the running bouncer, and have it do: `status`, `outbox`, `push` ...
//
// Thread: the loop's. Owner: the composition root; the Bouncer is given once it is there, and outlives the
// last call. A successor needs nothing of it.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include "bouncer/cli/daemon.h"
#include "bouncer/daemon/bouncer.h"
#include "gateway/api/upload_store.h"

namespace halley {

// Resident memory of this process: the second number of /proc/self/statm (proc(5)); 0 where there is no such
// file. Any thread.
std::uint64_t resident_bytes();

class BouncerDaemon final : public cli::Daemon {
 public:
  using Reload = std::function<std::expected<std::string, std::string>()>;
  BouncerDaemon(const net::Clock& clock, const storage::Store& store, const Accounts& accounts,
                cli::SandboxStatus sandbox, Reload reload);
  void watch(Bouncer& bouncer) { bouncer_ = &bouncer; }
  void watch_uploads(gateway::UploadStore& uploads) { uploads_ = &uploads; }

  cli::StatusReport status(UserId only) const override;
  cli::SandboxStatus sandbox() const override { return sandbox_; }
  std::expected<std::string, std::string> reload() override { return reload_(); }
  std::expected<std::string, std::string> unlock(std::string_view what) override;
  std::vector<cli::OutboxLine> outbox(UserId user) const override;
  std::expected<void, std::string> outbox_cancel(UserId user, std::uint64_t id) override;
  std::expected<void, std::string> outbox_send(UserId user, std::uint64_t id) override;
  bool detached(const storage::BufferRow& buffer) const override;
  std::expected<void, std::string> set_detached(const storage::BufferRow& buffer, bool detached) override;
  std::vector<cli::HiddenPlace> hidden(UserId user) const override;
  std::expected<void, std::string> set_hidden(const storage::DeviceRow& device, NetworkId network,
                                              std::string_view target, bool hidden) override;
  std::set<DeviceId> devices_online(UserId user) const override;
  std::vector<cli::UploadedFile> uploads(UserId user) const override;
  bool remove_upload(UserId user, std::string_view name) override;
  std::vector<cli::PushLine> pushes(UserId user) const override;
  std::expected<void, std::string> push_remove(UserId user, std::uint64_t id) override;
  std::size_t notice(std::string_view text) override;
  std::expected<void, std::string> trace(UserId user, std::string_view network,
                                         std::weak_ptr<cli::Follower> follower) override;

 private:
  Network* network_of(const storage::BufferRow& buffer) const;
  Outbox* outbox_with(UserId user, std::uint64_t id) const;

  const net::Clock& clock_;
  const storage::Store& store_;
  const Accounts& accounts_;
  const cli::SandboxStatus sandbox_;
  Reload reload_;
  std::uint64_t started_ms_;
  Bouncer* bouncer_ = nullptr;
  gateway::UploadStore* uploads_ = nullptr;
};

}  // namespace halley
