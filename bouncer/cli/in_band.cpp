#include "bouncer/cli/in_band.h"

#include <string>

#include "bouncer/cli/in_band_text.h"
#include "bouncer/core/user.h"

namespace halley::cli {
namespace {

// What a network said may be no UTF-8.
constexpr auto kLenient = nlohmann::json::error_handler_t::replace;

}  // namespace

void InBand::run(User& user, std::string_view line, ProvenBy proven_by,
                 std::function<void(std::string text)> reply) {
  const auto words = shell_words(line);
  if (!words) return reply(words.error());  // which repeats nothing of the line
  runner_.run({.user = user.id(), .admin = user.row().admin, .proven_by = proven_by}, *words, {},
              [this, id = user.id(), reply = std::move(reply)](const CommandResult& result) {
                if (accounts_.user(id) != nullptr)
                  reply(in_band_text(result.status == 0 ? result.text : result.error));
              });
}

void InBand::run_line(User& user, std::string_view line, std::function<void(CommandAnswer answer)> done) {
  const auto words = shell_words(line);
  if (!words) return done({.status = 2, .json = {}, .text = words.error()});
  run_words(user, *words, ProvenBy::kToken, std::move(done));
}

void InBand::run_words(User& user, const std::vector<std::string>& words, ProvenBy proven_by,
                       std::function<void(CommandAnswer answer)> done) {
  runner_.run({.user = user.id(), .admin = user.row().admin, .overheard = false, .proven_by = proven_by},
              words, {}, [done = std::move(done)](const CommandResult& result) {
                if (result.status != 0)
                  return done({.status = result.status, .json = {}, .text = result.error});
                done({.status = 0, .json = result.json.dump(-1, ' ', false, kLenient), .text = result.text});
              });
}

}  // namespace halley::cli
