#include "bouncer/cli/init.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "bouncer/cli/client_url.h"
#include "bouncer/cli/offline.h"
#include "bouncer/config/config_file.h"
#include "bouncer/config/config_keys.h"
#include "bouncer/net/system_clock.h"
#include "bouncer/net/tls_certificate.h"

namespace halley::cli {
namespace {

constexpr std::string_view kListen = "[\"ircs://0.0.0.0:6697\", \"https://0.0.0.0:8443\"]";

std::expected<void, std::string> write_new(const std::filesystem::path& file, std::string_view text) {
  std::error_code ignored;  // the open says what is wrong
  std::filesystem::create_directories(file.parent_path(), ignored);
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) {
    return std::unexpected(
        errno == EEXIST
            ? fmt::format("{} is there already; change it, or name another with --config", file.string())
            : fmt::format("cannot make {}: {}; name another with --config", file.string(),
                          std::strerror(errno)));
  }
  bool good = true;
  while (good && !text.empty()) {
    const ssize_t wrote = ::write(fd, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    good = wrote > 0;
    if (good) text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  good = good && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (good) return {};
  ::unlink(file.c_str());
  return std::unexpected(fmt::format("cannot write {}: {}", file.string(), std::strerror(error)));
}

constexpr const char* kFirstDevice = "first";

std::string next_steps(const InitRequest& request, const std::string& token, const std::string& link,
                       const std::string& fingerprint) {
  return fmt::format(
      "{0} and the administrator {1} are made; the data are in {2}.\n"
      "Start Halley:    halley --config {0} serve\n"
      "A network:       halley --config {0} network add {1} libera ircs://irc.libera.chat --join '#halley'\n"
      "Each device logs in with a token of its own. This is the first one's; it is not shown again:\n"
      "                 {4}\n"
      "WeeChat:         /server add halley {3}/6697 -tls -username={1} -password={1}:{4}\n"
      "irssi, HexChat:  server {3}, port 6697, TLS, server password {1}:{4}\n"
      "Goguma:          server {3}, user {1}, password {4}\n"
      "A phone's link:  {6}\n"
      "Another device:  halley --config {0} device add {1} phone\n"
      "In a browser:    https://{3}:8443/ with the user {1} and the password that you gave; it is taken in "
      "place "
      "of a token, too\n"
      "The certificate is self-signed until tls.cert and tls.key name another; its SHA-256 fingerprint "
      "is\n{5}",
      request.file.string(), request.admin, request.data_dir.string(), request.hostname, token, fingerprint,
      link);
}

}  // namespace

std::string commented_config(const InitRequest& request) {
  std::string out =
      "# Halley's configuration, halley.toml(5). What is commented out is as if it were not there: these are "
      "the "
      "defaults.\n";
  std::string_view section;
  const Config defaults;
  for (const ConfigKey& key : config_keys()) {
    if (key.section != section) out += fmt::format("\n[{}]\n", section = key.section);
    out += fmt::format("# {}\n", key.help);
    const std::string name = full_name(key);
    if (name == "hostname") {
      out += fmt::format("hostname = {}\n", toml_quoted(request.hostname));
    } else if (name == "data_dir") {
      out += fmt::format("data_dir = {}\n", toml_quoted(request.data_dir.string()));
    } else if (name == "listen") {
      out += fmt::format("listen = {}\n", kListen);
    } else {
      out += fmt::format("# {} = {}\n", key.name, key.show(defaults));
    }
  }
  return out;
}

CommandResult run_init(const InitRequest& request) {
  if (request.password.empty()) {
    return CommandResult::refuse(
        "an administrator needs a password: add --password-stdin, or run this at a terminal");
  }
  const bool joins = std::filesystem::exists(request.data_dir / "halley.db");
  const std::string text = commented_config(request);
  const auto config = parse_config(text, request.file);
  if (!config) return CommandResult::refuse(config.error());
  if (const auto written = write_new(request.file, text); !written)
    return CommandResult::refuse(written.error());
  CommandResult made = run_offline(
      *config, {{"user", "add", request.admin, "--admin", "--password-stdin"}, request.password + "\n"});
  if (made.status != 0) {
    ::unlink(request.file.c_str());
    return made;
  }
  const CommandResult device = run_offline(*config, {{"device", "add", request.admin, kFirstDevice}, {}});
  if (device.status != 0) return device;
  const std::string token = device.json["token"].get<std::string>();
  const auto url = client_url(*config, request.admin, kFirstDevice, token);
  const auto pair = net::ensure_self_signed(config->data_dir.string(), config->hostname,
                                            net::SystemClock().wall_us() / 1'000'000);
  if (!pair) return CommandResult::refuse(pair.error());
  return CommandResult::done(
      (joins ? fmt::format("There were data of Halley's in {} already: {} was added to the users there.\n",
                           request.data_dir.string(), request.admin)
             : std::string()) +
          next_steps(request, token, url ? *url : "none: " + url.error(), pair->fingerprint),
      {{"config", request.file.string()},
       {"data_dir", request.data_dir.string()},
       {"joined", joins},
       {"admin", request.admin},
       {"device", kFirstDevice},
       {"token", token},
       {"url", url ? nlohmann::json(*url) : nlohmann::json()},
       {"fingerprint", pair->fingerprint}});
}

}  // namespace halley::cli
