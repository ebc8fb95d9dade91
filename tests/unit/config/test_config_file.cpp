#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>

#include "bouncer/config/config_file.h"
#include "bouncer/config/config_keys.h"
#include "bouncer/config/listen_url.h"
#include "bouncer/config/nearest.h"
#include "tests/fakes/temp_directory.h"

using namespace halley;

namespace {

Config parse(std::string_view text) {
  const auto config = parse_config(text, "/etc/halley/halley.toml");
  INFO((config ? std::string() : config.error()));
  REQUIRE(config.has_value());
  return *config;
}

std::string error_of(std::string_view text) {
  const auto config = parse_config(text, "halley.toml");
  INFO(text);
  REQUIRE_FALSE(config.has_value());
  return config.error();
}

struct Folder {
  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream(directory / name) << text;
    return (directory / name).string();
  }
  halley::fakes::TempDirectory directory;
};

}  // namespace

TEST_CASE("An empty file gives every default") {
  const Config config = parse("");
  CHECK(config.hostname == "halley.local");
  REQUIRE(config.listen.size() == 2);
  CHECK(format_listen_url(config.listen[0]) == "irc://127.0.0.1:6667");
  CHECK(format_listen_url(config.listen[1]) == "http://127.0.0.1:8067");
  CHECK(config.limits.login_attempts == 10);
  CHECK_FALSE(config.history.power_durability);
  CHECK_FALSE(config.history.replicated);
}

TEST_CASE("Every kind of key is read") {
  const Config config = parse(R"(
hostname = "irc.example.org"
data_dir = "data"
listen = ["ircs://0.0.0.0:6697", "unix:///run/halley/http.sock"]
[tls]
cert = "cert.pem"
key = "/keys/key.pem"
[http]
origins = ["https://example.org"]
[history]
durability = "power"
[limits]
memory_per_network = 67108864
[upstream]
allow_private_hosts = true
connect_pacing = 2
rate = 0.5
[push]
contact = "mailto:root@example.org"
)");
  CHECK(config.hostname == "irc.example.org");
  CHECK(config.data_dir == "/etc/halley/data");  // from the file's own folder
  CHECK(config.tls.cert == "/etc/halley/cert.pem");
  CHECK(config.tls.key == "/keys/key.pem");
  CHECK(config.listen.at(0).tls);
  CHECK(config.listen.at(1).unix_path == "/run/halley/http.sock");
  CHECK(config.http.origins == std::vector<std::string>{"https://example.org"});
  CHECK(config.history.power_durability);
  CHECK(config.limits.memory_per_network == 67108864);
  CHECK(config.upstream.allow_private_hosts);
  CHECK(config.upstream.connect_pacing == 2.0);
  CHECK(config.upstream.rate == 0.5);
  CHECK(config.push.contact == "mailto:root@example.org");
  CHECK_FALSE(config.push.allow_private_hosts);
}

TEST_CASE("Mistakes are told with file, line and the nearest valid key") {
  struct Row {
    const char* text;
    const char* error;
  };
  const Row rows[] = {
      {"hostnam = \"a.b\"", "halley.toml:1: unknown key hostnam; did you mean hostname?"},
      {"\n\n[limits]\nclients_pr_user = 3",
       "halley.toml:4: unknown key clients_pr_user in [limits]; did you mean clients_per_user?"},
      {"[limit]\nconnections = 3", "halley.toml:1: unknown section [limit]; did you mean [limits]?"},
      {"login_attempts = 3", "halley.toml:1: unknown key login_attempts; it belongs in [limits]"},
      {"[http]\nhostname = \"a.b\"",
       "halley.toml:2: unknown key hostname in [http]; it belongs before the first [section]"},
      {"[tls]\nzzzzzzzz = 1", "halley.toml:2: unknown key zzzzzzzz in [tls]; known here: cert, key"},
      {"tls = 3", "halley.toml:1: tls is a section: write [tls] on a line of its own"},
      {"[history.more]\na = 1", "halley.toml:1: unknown key more in [history]"},
      {"hostname = 3", "halley.toml:1: hostname must be a text in quotes, not a whole number"},
      {"listen = \"irc://x\"", "halley.toml:1: listen must be a list of texts, not a text in quotes"},
      {"listen = [1]", "halley.toml:1: listen must be a list of texts, not this list"},
      {"[limits]\nconnections = 1.5",
       "limits.connections must be a whole number, not a number with a fraction"},
      {"[upstream]\nallow_private_hosts = 1",
       "upstream.allow_private_hosts must be true or false, not a whole number"},
      {"[upstream]\nrate = \"fast\"", "upstream.rate must be a number, not a text in quotes"},
      {"[limits]\nlogin_attempts = 0", "halley.toml:2: limits.login_attempts must be from 1 to"},
      {"[limits]\nnetworks_per_user = -1", "limits.networks_per_user must be from 1 to"},
      {"[upstream]\nrate = nan", "upstream.rate must be from 0 to"},
      {"[http]\nmetrics = \"all\"", "http.metrics must be \"auto\", \"local\" or \"token\""},
      {"[history]\ndurability = \"forever\"", "history.durability must be \"process\" or \"power\""},
      {"[push]\ncontact = \"root@example.org\"", "push.contact must be a mail address as mailto:"},
      {"[push]\ncontact = \"mailto:a b\"", "push.contact must be a mail address as mailto:"},
      {"hostname = \"local host\"", "must be a host name, such as"},
      {"listen = [\"gopher://x\"]", "begins with none of irc://"},
      {"listen = [\"irc://x:99999\"]", "no port from 0 to 65535"},
      {"listen = [\"irc://:6667\"]", "names no host"},
      {"listen = [\"unix://relative\"]", "absolute"},
      {"[tls]\ncert = \"a\"", "halley.toml:2: tls.cert and tls.key go together"},
      {"[upstream]\nreconnect_min = 400", "halley.toml:2: upstream.reconnect_min (400) is more than"},
      {"a = = 1", "halley.toml:1: "},
      {"hostname = \"a.b\"\nhostname = \"c.d\"", "halley.toml:2: "},
      {"hostname = \"unterminated", "halley.toml:1: "},
  };
  for (const Row& row : rows) CHECK_THAT(error_of(row.text), Catch::Contains(row.error));
}

TEST_CASE("Listening addresses have default ports and take IPv6") {
  const auto round = [](std::string_view text) { return format_listen_url(*parse_listen_url(text)); };
  CHECK(round("irc://localhost") == "irc://localhost:6667");
  CHECK(round("ircs://[::]") == "ircs://[::]:6697");
  CHECK(round("http://[::1]:80/") == "http://[::1]:80");
  CHECK(round("https://example.org") == "https://example.org:8443");
  CHECK(round("ident://0.0.0.0") == "ident://0.0.0.0:113");
  CHECK(round("irc://127.0.0.1:0") == "irc://127.0.0.1:0");
  for (const char* wrong :
       {"", "irc://", "irc://[::1", "irc://[::1]6667", "irc://a:", "irc://a:1x", "irc://a/b", "unix://"}) {
    INFO(wrong);
    CHECK_FALSE(parse_listen_url(wrong).has_value());
  }
}

TEST_CASE("Addresses, ranges and origins that could have no effect are refused with their line") {
  const auto error = [](const std::string& line) {
    const auto parsed = parse_config("[http]\n" + line, "h.toml");
    return parsed ? std::string() : parsed.error();
  };
  CHECK(error("trusted_proxies = [\"127.0.0.0/8\", \"::1\", \"192.0.2.7\", \"unix\"]").empty());
  for (const char* wrong : {"foo", "10.0.0.0/33", "10.0.0.1/8", "localhost", ""}) {
    INFO(wrong);
    CHECK_THAT(error("trusted_proxies = [\"" + std::string(wrong) + "\"]"),
               Catch::StartsWith("h.toml:2: http.trusted_proxies"));
  }
  CHECK_THAT(error("origins = [\"irc.example.org\"]"), Catch::Contains("https://"));
  CHECK(error("public_url = \"https://irc.example.org/halley\"").empty());
  CHECK_FALSE(error("public_url = \"irc.example.org\"").empty());
  CHECK_FALSE(parse_config("[upstream]\nbind = \"eth0\"", "h.toml").has_value());
}

TEST_CASE("Passwords are sent over TLS, or to this machine") {
  const auto error = [](const std::string& url) {
    const auto parsed = parse_config("[auth]\nhttp = \"" + url + "\"", "h.toml");
    return parsed ? std::string() : parsed.error();
  };
  for (const char* good : {"", "https://auth.example/check?irc", "http://127.0.0.1:8080/", "http://localhost",
                           "http://[::1]:1/x"}) {
    INFO(good);
    CHECK(error(good).empty());
  }
  for (const char* wrong : {"auth.example", "http://auth.example/", "http://10.0.0.1/",
                            "https://u:p@auth.example/", "ldap://h"}) {
    INFO(wrong);
    CHECK_THAT(error(wrong), Catch::StartsWith("h.toml:2: auth.http"));
  }
}

TEST_CASE("What config check shows is read back as the same") {
  Config config = parse(
      "hostname = \"irc.example.org\"\n[tls]\ncert=\"/a "
      "\\\"b\\\"\"\nkey=\"/k\"\n[http]\norigins=[\"https://x\",\"http://y:8080\"]");
  config.data_dir = "/d";
  const std::string shown = show_config(config);
  CHECK(show_config(parse(shown)) == shown);
  for (const ConfigKey& key : config_keys())
    CHECK_THAT(shown, Catch::Contains(std::string(key.name) + " = "));
}

TEST_CASE("The configuration is looked for where CONTRACTS says") {
  const Folder folder;
  const std::string a = folder.write("a.toml", "hostname = \"a.example\"");
  const std::string b = folder.write("b.toml", "hostname = \"b.example\"");
  const std::string system = folder.write("system.toml", "hostname = \"system.example\"");
  std::map<std::string, std::string> variables{{"HOME", "/home/u"}};
  ConfigSource source;
  source.environment = [&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  source.system_file = folder.directory.path() / "absent";
  CHECK(load_config(source)->config.hostname == "halley.local");
  CHECK(load_config(source)->file.empty());
  CHECK(load_config(source)->config.data_dir == "/home/u/.local/share/halley");
  variables["XDG_DATA_HOME"] = "/xdg";
  CHECK(load_config(source)->config.data_dir == "/xdg/halley");
  source.system_file = system;
  CHECK(load_config(source)->config.hostname == "system.example");
  variables["HALLEY_CONFIG"] = b;
  CHECK(load_config(source)->config.hostname == "b.example");
  source.config_option = a;
  CHECK(load_config(source)->config.hostname == "a.example");
  source.data_option = "/elsewhere";
  CHECK(load_config(source)->config.data_dir == "/elsewhere");
  source.config_option = (folder.directory.path() / "absent").string();
  CHECK_THAT(load_config(source).error(), Catch::Contains("cannot read"));
  source.config_option = folder.directory.path().string();
  CHECK_FALSE(load_config(source).has_value());
  source = {};
  source.system_file.clear();
  source.environment = [](const char*) { return std::optional<std::string>(); };
  CHECK_THAT(load_config(source).error(), Catch::Contains("$HOME"));
}

TEST_CASE("The nearest word is the one with the fewest changes, if any resembles it") {
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(nearest("lisen", {"hostname", "listen", "data_dir"}) == "listen");
  CHECK(nearest("qqqq", {"hostname", "listen"}).empty());
  CHECK(nearest("x", {}).empty());
}

TEST_CASE("halley.toml(5) names each key in its section, with its default") {
  std::ifstream in(std::filesystem::path(HALLEY_SOURCE_DIR) / "man/halley.toml.5");
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  REQUIRE_FALSE(page.empty());
  const Config defaults;
  for (const ConfigKey& key : config_keys()) {
    INFO(key.section << "." << key.name);
    const std::string head = key.section.empty() ? ".SH KEYS" : ".SH [" + std::string(key.section) + "]";
    const std::size_t begin = page.find(head);
    REQUIRE(begin != std::string::npos);
    const std::string section = page.substr(begin, page.find("\n.SH", begin + 1) - begin);
    CHECK_THAT(section, Catch::Contains(std::string(key.name)));
    const std::string shown = key.show(defaults);
    if (key.type == ConfigKey::Type::kCount || key.type == ConfigKey::Type::kNumber)
      CHECK_THAT(section, Catch::Contains(shown));
    // A paragraph may speak of two keys: ".BR cert ", " key".
    std::size_t at = section.find(".TP\n");
    bool found = false;
    for (; at != std::string::npos && !found; at = section.find(".TP\n", at + 1)) {
      const std::string paragraph = section.substr(at, section.find(".TP\n", at + 1) - at);
      const std::string title = paragraph.substr(4, paragraph.find('\n', 4) - 4);
      if (!Catch::Contains(" " + std::string(key.name)).match(title)) continue;
      found = true;
      CHECK((paragraph.find("(start)") != std::string::npos) ==
            (key.mutability == ConfigKey::Mutability::kAtStart));
    }
    CHECK(found);
  }
}

TEST_CASE("halley.toml has a megabyte at most, and a count 32 bits") {
  const Folder folder;
  ConfigSource source;
  source.environment = [](const char*) { return std::optional<std::string>("/nowhere"); };
  source.config_option = folder.write("whole.toml", "#" + std::string((1 << 20) - 1, 'x'));
  CHECK(load_config(source).has_value());
  source.config_option = folder.write("longer.toml", "#" + std::string(1 << 20, 'x'));
  CHECK_THAT(load_config(source).error(), Catch::Contains("larger than a megabyte"));
  CHECK(parse("[limits]\nconnections = 4294967295").limits.connections == 4'294'967'295U);
  CHECK_THAT(error_of("[limits]\nconnections = 4294967296"), Catch::Contains("must be from 1 to 4294967295"));
}
