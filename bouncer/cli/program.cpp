#include "bouncer/cli/program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iostream>

#include "bouncer/cli/command_help.h"
#include "bouncer/cli/command_line.h"
#include "bouncer/cli/completion.h"
#include "bouncer/cli/control_client.h"
#include "bouncer/cli/import_others.h"
#include "bouncer/cli/init.h"
#include "bouncer/cli/link_code.h"
#include "bouncer/cli/offline.h"
#include "bouncer/cli/progress_line.h"
#include "bouncer/cli/prompt.h"
#include "bouncer/cli/text_table.h"
#include "bouncer/cli/trace_lines.h"
#include "bouncer/cli/version.h"
#include "bouncer/net/tls_context.h"

namespace halley::cli {
namespace {

struct Options {
  ConfigSource source;
  bool json = false;
};

// Takes --config, --data, --json and --version out of `args`, wherever they stand before a "--".
std::expected<Options, std::string> take_options(std::vector<std::string>& args) {
  Options options;
  options.source.environment = [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  for (std::size_t at = 0; at < args.size() && args[at] != "--";) {
    const std::string name = args[at].substr(0, args[at].find('='));
    const bool inline_value = name.size() < args[at].size();
    if (args[at] == "--json") {
      options.json = true;
      args.erase(args.begin() + static_cast<std::ptrdiff_t>(at));
    } else if (name == "--config" || name == "--data") {
      if (!inline_value && at + 1 >= args.size()) {
        return std::unexpected(
            fmt::format("{} needs a value: {} {}", name, name, name == "--data" ? "DIR" : "FILE"));
      }
      auto& value = name == "--data" ? options.source.data_option : options.source.config_option;
      value = inline_value ? args[at].substr(name.size() + 1) : args[at + 1];
      // A script's variable that nobody set is not to mean another Halley.
      if (value->empty())
        return std::unexpected(fmt::format("{} is empty: it takes the name of a {}", name,
                                           name == "--data" ? "folder" : "file"));
      const auto from = args.begin() + static_cast<std::ptrdiff_t>(at);
      args.erase(from, from + (inline_value ? 1 : 2));
    } else {
      ++at;
    }
  }
  if (!args.empty() && args[0] == "--version") args[0] = "version";
  return options;
}

std::expected<std::string, CommandResult> read_input() {
  std::string text;
  char buffer[64 * 1024];
  while (true) {
    const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(CommandResult::refuse("standard input cannot be read"));
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kMostRequest)
      return std::unexpected(CommandResult::refuse("the input is more than 16 MiB; split it"));
  }
}

// What the command needs from a person: standard input, or a password asked for.
std::expected<std::string, CommandResult> gather_input(std::vector<std::string>& args,
                                                       const Config& config = {}) {
  if (args[0] == "batch" || wants_input(args)) return read_input();
  Input nothing{std::string()};
  const auto parsed = parse_command(args, {}, &nothing);
  if (!parsed) return std::string();
  const Command::Traits& traits = parsed->command().traits;
  if (!traits.asks_password || !config.auth.http.empty()) return std::string();
  if (!at_terminal()) {
    return std::unexpected(
        CommandResult::refuse("no password: add --password-stdin, or run this at a terminal"));
  }
  auto password = prompt_new_password(parsed->has("NAME") ? parsed->text("NAME") : "the administrator");
  if (!password) return std::unexpected(CommandResult::refuse(password.error()));
  args.push_back("--password-stdin");
  return *password + "\n";
}

CommandResult config_check(const LoadedConfig& loaded) {
  const Config& config = loaded.config;
  if (!config.tls.cert.empty()) {
    const auto pair = net::TlsContext::server(config.tls.cert.string(), config.tls.key.string());
    if (!pair) return CommandResult::refuse(fmt::format("{}: tls: {}", loaded.file.string(), pair.error()));
  }
  const std::string from =
      loaded.file.empty() ? "no file: all defaults" : fmt::format("{} is fine", loaded.file.string());
  nlohmann::json json{{"file", loaded.file.string()}, {"toml", show_config(loaded.config)}};
  return CommandResult::done(fmt::format("# {}\n{}", from, show_config(loaded.config)), std::move(json));
}

// For a person: in JSON, and where nobody looks on, nothing is added.
CommandResult with_code(CommandResult result, const std::vector<std::string>& args, bool json) {
  const std::string code = json ? std::string() : link_code(standard_output(), args, result);
  if (!code.empty()) result.text += (result.text.ends_with('\n') ? "" : "\n") + code;
  return result;
}

// What others typed may be in it, and is not to change the terminal.
std::string error_text(const CommandResult& result, bool json) {
  if (!json) return fmt::format("halley: {}", visible_lines(result.error));
  const nlohmann::json error{{"error", {{"status", result.status}, {"message", result.error}}}};
  return error.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

int print(const CommandResult& result, bool json, bool lines) {
  if (result.status != 0) {
    // What was looked at may be worth reading although something is wrong with it.
    if (!result.text.empty()) std::cout << (json ? result.json.dump() : result.text) << '\n' << std::flush;
    std::cerr << error_text(result, json) << '\n';
    return result.status;
  }
  if (!result.note.empty()) std::cerr << "halley: " << result.note << '\n';
  const auto dump = [](const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  if (json && lines && result.json.is_array()) {  // of a batch: one line for each command
    for (const auto& one : result.json) std::cout << dump(one) << '\n';
  } else if (json) {
    std::cout << dump(result.json) << '\n';
  } else if (!result.text.empty()) {
    std::cout << result.text << (result.text.ends_with('\n') ? "" : "\n");
  }
  std::cout.flush();
  return std::cout ? 0 : 1;
}

// The daemon has another folder: what names a file here must name it there.
void make_paths_absolute(std::vector<std::string>& args) {
  Input nothing{std::string()};
  const auto parsed = parse_command(args, {}, &nothing);
  if (!parsed) return;
  for (const ArgumentSpec& spec : parsed->command().arguments) {
    if (spec.kind != ArgumentSpec::Kind::kFile) continue;
    const auto word = std::ranges::find(args, parsed->text(spec.name));
    if (word != args.end()) *word = std::filesystem::absolute(*word).lexically_normal().string();
  }
}

// One line of what a command tells while it goes on. False: nobody reads it any more.
bool print_piece(const nlohmann::json& piece, bool json) {
  static const bool colours = standard_output().colours;
  std::cout << (json ? piece.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                     : trace_text(piece, colours))
            << '\n'
            << std::flush;
  return static_cast<bool>(std::cout);
}

// Asks the daemon, or does it on the files when none runs.
CommandResult send(const Config& config, std::vector<std::string> args, std::string input, bool json) {
  ProgressLine progress;
  const storage::OnProgress on_progress = progress.teller();
  const ControlRequest request{std::move(args), std::move(input), progress.shown()};
  auto answer = ask_daemon(
      config.data_dir / kControlSocket, request,
      [json](const nlohmann::json& piece) { return print_piece(piece, json); }, on_progress);
  if (!answer) return CommandResult::refuse(answer.error());
  CommandResult result = *answer ? std::move(**answer) : run_offline(config, request, on_progress);
  result.text = visible_lines(result.text);  // what others typed may be in it
  return result;
}

// Before what destroys, at a terminal: whether it is there, and then whether it is meant. nullopt: it is, or
// a program runs this, which means what it says.
std::optional<CommandResult> ask_first(const Config& config, const std::vector<std::string>& args) {
  Input nothing{std::string()};
  const auto parsed = parse_command(args, {}, &nothing);
  if (!parsed || !at_terminal()) return std::nullopt;
  const Command& command = parsed->command();
  if (command.traits.destroys.empty() || parsed->has(kYes.name) || parsed->has(kLook.name))
    return std::nullopt;
  std::vector<std::string> look = args;
  const auto words = 1 + std::ranges::count(command.words, ' ');
  look.insert(look.begin() + words, fmt::format("--{}", kLook.name));
  if (CommandResult seen = send(config, std::move(look), {}, true); seen.status != 0) return seen;
  if (prompt_yes(fmt::format("This removes {}, for good. Is that meant? (yes/no) ", command.traits.destroys)))
    return std::nullopt;
  return CommandResult::refuse("nothing was removed");
}

CommandResult run_command(const Config& config, std::vector<std::string> args, bool json) {
  if (auto why = ask_first(config, args)) return std::move(*why);
  auto input = gather_input(args, config);
  if (!input) return input.error();
  make_paths_absolute(args);
  return send(config, std::move(args), std::move(*input), json);
}

// Help, mistakes and version, which need neither daemon nor files. nullopt: it is a command to run.
std::optional<CommandResult> answer_here(const std::vector<std::string>& args) {
  if (args.empty()) return CommandResult::usage("no command; say halley help");
  if (args[0] == "version") {
    if (auto parsed = parse_command(args, {}, nullptr); !parsed) return std::move(parsed.error());
    return CommandResult::done(fmt::format("halley {}", kVersion), {{"version", kVersion}});
  }
  if (args[0] == "help") {
    std::vector<std::string> words(args.begin() + 1, args.end());
    std::string text = help_text(fmt::format("{}", fmt::join(words, " ")), {});
    if (text.empty()) return CommandResult::usage(unknown_command(words, {}));
    return CommandResult::done(std::move(text));
  }
  Input stand_in(
      std::string("x\nx\nx\nx\nx\nx\nx\nx\n"));  // the real input is read only for a command that fits
  auto parsed = parse_command(args, {}, &stand_in);
  if (!parsed) return std::move(parsed.error());
  if (parsed->command().words == "completion") {
    auto script = completion_script(parsed->text("SHELL"));
    if (!script) return CommandResult::usage(script.error());
    return CommandResult::done(*script, {{"script", *script}});
  }
  return std::nullopt;
}

std::string this_host() {
  char name[256] = "";
  return ::gethostname(name, sizeof name - 1) == 0 && *name != '\0' ? name : "halley.local";
}

// Before any configuration is there.
CommandResult init(const Options& options, std::vector<std::string> args) {
  const auto input = gather_input(args);
  if (!input) return input.error();
  Input source(*input);
  const auto parsed = parse_command(args, {}, &source);
  if (!parsed) return parsed.error();
  const bool root = ::geteuid() == 0;
  const auto user = options.source.environment("USER");
  InitRequest request;
  request.file = options.source.config_option.value_or(
      options.source.environment("HALLEY_CONFIG").value_or(options.source.system_file.string()));
  request.hostname = parsed->optional("hostname").value_or(this_host());
  request.admin = parsed->optional("admin").value_or(user && !root ? *user : "admin");
  request.password = parsed->text("password");
  if (options.source.data_option) {
    request.data_dir = std::filesystem::absolute(*options.source.data_option).lexically_normal();
  } else if (root) {
    request.data_dir = "/var/lib/halley";
  } else {
    const auto folder = default_data(options.source);
    if (!folder) return CommandResult::refuse(folder.error());
    request.data_dir = *folder;
  }
  return run_init(request);
}

CommandResult import(const LoadedConfig& loaded, const std::vector<std::string>& args) {
  Input nothing{std::string()};
  const auto parsed = parse_command(args, {}, &nothing);
  if (!parsed) return parsed.error();
  if (args[0] != "import") return run_foreign_import(loaded.config, *parsed);
  return run_import(loaded.config, parsed->text("USER"), parsed->text("FILE"));
}

}  // namespace

int run_program(std::vector<std::string> args, const Serve& serve) {
  const auto options = take_options(args);
  if (!options) return print(CommandResult::usage(options.error()), false, false);
  if (const auto answer = answer_here(args)) return print(*answer, options->json, false);
  if (args[0] == "init")
    return print(with_code(init(*options, args), args, options->json), options->json, false);
  const auto loaded = load_config(options->source);
  if (!loaded) return print(CommandResult::refuse(loaded.error()), options->json, false);
  if (args[0] == "serve") return serve(*loaded, options->source);
  if (args[0].starts_with("import")) return print(import(*loaded, args), options->json, false);
  if (args[0] == "config") return print(config_check(*loaded), options->json, false);
  const bool lines = args[0] == "batch";
  return print(with_code(run_command(loaded->config, args, options->json), args, options->json),
               options->json, lines);
}

}  // namespace halley::cli
