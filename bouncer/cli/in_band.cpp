#include "bouncer/cli/in_band.h"

#include "bouncer/user.h"

namespace halley::cli {

void InBand::run(User& user, std::string_view line, std::function<void(std::string text)> reply) {
  const auto words = shell_words(line);
  if (!words) return reply(words.error());
  runner_.run({user.id(), user.row().admin}, *words, {},
              [this, id = user.id(), reply = std::move(reply)](const CommandResult& result) {
                if (accounts_.user(id) != nullptr) reply(result.status == 0 ? result.text : result.error);
              });
}

}  // namespace halley::cli
