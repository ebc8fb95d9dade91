// What a command answers: to a terminal, to the control socket, or in band. A plain value.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace halley::cli {

struct CommandResult {
  int status = 0;        // 0: done; 1: refused; 2: usage
  std::string text;      // for a person; lines without a final newline
  nlohmann::json json;   // the same for a program
  std::string error;     // status 1 and 2: one line that says what, and what to do
  std::string note;      // for a person who looks on, beside the answer: who did it, and on what
  bool changed = false;  // accounts were changed and are to be committed
  bool show_in_batch =
      false;  // the text is worth showing among a thousand others (a token that is shown once)

  static CommandResult done(std::string text, nlohmann::json json = nlohmann::json::object()) {
    CommandResult result;
    result.text = std::move(text);
    result.json = std::move(json);
    return result;
  }
  static CommandResult change(std::string text, nlohmann::json json = nlohmann::json::object()) {
    CommandResult result = done(std::move(text), std::move(json));
    result.changed = true;
    return result;
  }
  static CommandResult refuse(std::string error) {
    CommandResult result;
    result.status = 1;
    result.error = std::move(error);
    return result;
  }
  static CommandResult usage(std::string error) {
    CommandResult result = refuse(std::move(error));
    result.status = 2;
    return result;
  }
};

}  // namespace halley::cli
