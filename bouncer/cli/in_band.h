// `/msg *halley ...` and the resources of HTTP: the command table for a user about their own account, and for
// administrators.
//
// Thread: the loop's. Owner: the composition root; outlives the Bouncer.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "bouncer/cli/command_runner.h"
#include "bouncer/core/in_band_commands.h"

namespace halley::cli {

class InBand final : public InBandCommands {
 public:
  InBand(CommandRunner& runner, const Accounts& accounts) : runner_(runner), accounts_(accounts) {}
  // Replies to nobody when the user has been removed meanwhile, perhaps by this very command.
  void run(User& user, std::string_view line, ProvenBy proven_by,
           std::function<void(std::string text)> reply) override;
  void run_line(User& user, std::string_view line, std::function<void(CommandAnswer answer)> done) override;
  void run_words(User& user, const std::vector<std::string>& words, ProvenBy proven_by,
                 std::function<void(CommandAnswer answer)> done) override;

 private:
  CommandRunner& runner_;
  const Accounts& accounts_;
};

}  // namespace halley::cli
