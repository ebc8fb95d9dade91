#include "bouncer/cli/open_files.h"

namespace halley::cli {

storage::StoreOptions store_options(const Config& config) {
  storage::StoreOptions options;
  options.directory = config.data_dir;
  options.power_durability = config.history.power_durability;
  options.replicated = config.history.replicated;
  return options;
}

std::expected<std::unique_ptr<OpenFiles>, std::string> OpenFiles::open(const Config& config,
                                                                       WithKey with_key) {
  std::unique_ptr<OpenFiles> files(new OpenFiles);
  auto open = storage::open_store(
      store_options(config),
      [&postbox = files->postbox_](std::function<void()> run) { postbox.post(std::move(run)); });
  if (!open) return std::unexpected(open.error());
  files->open_ = std::move(*open);
  files->states_.emplace(*files->open_.journal, *files->open_.store, files->open_.loaded.states);
  files->audits_.emplace(*files->states_, files->clock_);
  files->states_->taken();
  if (with_key == WithKey::kNone) {
    files->sealer_.emplace(Sealer::Key{}, files->random_);
  } else {
    auto sealer = Sealer::open(config.data_dir / "halley.key", files->random_);
    if (!sealer) return std::unexpected(sealer.error());
    files->sealer_.emplace(std::move(*sealer));
  }
  files->damage_.emplace(*files->open_.store, files->open_.loaded.damage);
  files->accounts_.emplace(
      Accounts::Parts{
          .store = *files->open_.store,
          .clock = files->clock_,
          .random = files->random_,
          .sealer = *files->sealer_,
          .config = config,
          .audit = Audit(nullptr, [&audits = *files->audits_](
                                      UserId about, const AuditEntry& entry) { audits.add(about, entry); })},
      std::move(files->open_.loaded));
  return files;
}

storage::Status OpenFiles::flush() {
  std::optional<storage::Status> done;
  accounts_->flush([&done](const storage::Status& status) { done = status; });
  postbox_.run_until([&done] { return done.has_value(); });
  return *done;
}

}  // namespace halley::cli
