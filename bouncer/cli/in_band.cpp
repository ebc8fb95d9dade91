#include "bouncer/cli/in_band.h"

#include <string>

#include "bouncer/core/user.h"

namespace halley::cli {
namespace {

// What a network said may be no UTF-8.
constexpr auto kLenient = nlohmann::json::error_handler_t::replace;

// An empty line is no message on IRC.
std::string without_empty_lines(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '\n' || (!out.empty() && out.back() != '\n')) out += c;
  }
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

}  // namespace

void InBand::run(User& user, std::string_view line, std::function<void(std::string text)> reply) {
  const auto words = shell_words(line);
  if (!words) return reply(words.error());  // which repeats nothing of the line
  runner_.run({user.id(), user.row().admin}, *words, {},
              [this, id = user.id(), reply = std::move(reply)](const CommandResult& result) {
                if (accounts_.user(id) != nullptr)
                  reply(without_empty_lines(result.status == 0 ? result.text : result.error));
              });
}

void InBand::run_words(User& user, const std::vector<std::string>& words,
                       std::function<void(CommandAnswer answer)> done) {
  runner_.run({.user = user.id(), .admin = user.row().admin, .overheard = false}, words, {},
              [done = std::move(done)](const CommandResult& result) {
                CommandAnswer answer{.status = result.status, .json = {}, .error = result.error};
                if (result.status == 0) answer.json = result.json.dump(-1, ' ', false, kLenient);
                done(std::move(answer));
              });
}

}  // namespace halley::cli
