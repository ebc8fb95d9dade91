#include "bouncer/cli/prompt.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "bouncer/accounts/digest.h"

namespace halley::cli {
namespace {

// Turns the echo off for as long as it lives.
class Silence {
 public:
  Silence() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;  // the newline is shown, so that the next line begins at its place
    set_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (set_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool set_ = false;
};

bool ask(const std::string& question, std::string& answer) {
  std::cerr << question << std::flush;
  const Silence silence;
  return static_cast<bool>(std::getline(std::cin, answer));
}

}  // namespace

bool at_terminal() {
  return isatty(STDIN_FILENO) == 1;
}

bool prompt_yes(const std::string& question) {
  std::cerr << question << std::flush;
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "yes" || answer == "y");
}

std::expected<std::string, std::string> prompt_new_password(const std::string& user) {
  std::string first, second;
  if (!ask(fmt::format("New password of {}: ", user), first) || !ask("The same again: ", second)) {
    return std::unexpected("no password was given");
  }
  const bool same = first == second;
  wipe(second);
  if (!same) {
    wipe(first);
    return std::unexpected("the two passwords differ; nothing was changed");
  }
  return first;
}

}  // namespace halley::cli
