#include <catch2/catch.hpp>
#include <set>

#include "bouncer/cli/command_help.h"
#include "bouncer/cli/command_line.h"
#include "bouncer/cli/command_table.h"

using namespace halley::cli;
using Words = std::vector<std::string>;

namespace {

const Caller kOperatorCaller{};
const Caller kUserCaller{7, false};
const Caller kAdminCaller{7, true};

std::expected<ParsedCommand, CommandResult> parse(const std::string& line,
                                                  const Caller& caller = kOperatorCaller,
                                                  std::string input = "") {
  Input source(std::move(input));
  return parse_command(*shell_words(line), caller, caller.in_band() ? nullptr : &source);
}

std::string error_of(const std::string& line, int status = 2, const Caller& caller = kOperatorCaller,
                     std::string input = "") {
  const auto parsed = parse(line, caller, std::move(input));
  INFO(line);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().status == status);
  return parsed.error().error;
}

}  // namespace

TEST_CASE("Words are split as a shell splits them") {
  CHECK(*shell_words("a  b\tc ") == Words{"a", "b", "c"});
  CHECK(shell_words("")->empty());
  CHECK(*shell_words("--join '#a,#b key' x") == Words{"--join", "#a,#b key", "x"});
  CHECK(*shell_words(R"("a \" b" c\ d '\')") == Words{"a \" b", "c d", "\\"});
  CHECK(*shell_words("pass='a b'c") == Words{"pass=a bc"});
  CHECK(*shell_words("''") == Words{""});
  CHECK_FALSE(shell_words("'open").has_value());
  CHECK_FALSE(shell_words("\"open").has_value());
  CHECK_FALSE(shell_words("end\\").has_value());
  std::string many;
  for (int i = 0; i < 300; ++i) many += "w ";
  CHECK_FALSE(shell_words(many).has_value());
}

TEST_CASE("Arguments, options and settings find their places in any order") {
  const auto parsed = parse(
      "network add --nick ally kit --join='#a,#b key' libera realname='Kit C' ircs://h/?a=b "
      "--on-connect 'MODE x' --on-connect 'AWAY'");
  REQUIRE(parsed.has_value());
  CHECK(parsed->text("USER") == "kit");
  CHECK(parsed->text("NAME") == "libera");
  CHECK(parsed->text("URL") == "ircs://h/?a=b");
  CHECK(parsed->text("nick") == "ally");
  CHECK(parsed->text("join") == "#a,#b key");
  CHECK(parsed->text("realname") == "Kit C");
  CHECK(parsed->all("on-connect") == Words{"MODE x", "AWAY"});
  CHECK_FALSE(parsed->has("username"));
  CHECK(parse("user set kit admin=no")->text("admin") == "no");
  CHECK(parse("network set kit libera alt_nick=x")->text("alt-nick") == "x");
  CHECK(parse("user add -- --odd")->text("NAME") == "--odd");
  CHECK(parse("user add kit admin=yes")->has("admin"));
  CHECK_FALSE(parse("user add kit admin=no")->has("admin"));
}

TEST_CASE("Secrets come from standard input in the order they are named, never from the command line") {
  const auto parsed = parse("network add kit n ircs://h --sasl-password-stdin --pass-stdin", kOperatorCaller,
                            "one\r\ntwo\nthree");
  REQUIRE(parsed.has_value());
  CHECK(parsed->text("sasl-password") == "one");
  CHECK(parsed->text("pass") == "two");
  CHECK_THAT(error_of("user add kit password=x"), Catch::Contains("--password-stdin"));
  CHECK_THAT(error_of("user add kit --password x"), Catch::Contains("--password-stdin"));
  CHECK_THAT(error_of("user add kit --password=x"), Catch::Contains("--password-stdin"));
  CHECK_THAT(error_of("user add kit --password-stdin"), Catch::Contains("no line"));
  CHECK_THAT(error_of("user add kit --password-stdin", 2, kOperatorCaller, "\n"), Catch::Contains("nothing"));
  const auto cert = parse("network set kit n --pass-stdin --client-cert-stdin", kOperatorCaller, "p\nA\nB\n");
  CHECK(cert->text("client-cert") == "A\nB\n");

  CHECK(parse("user passwd password='a b'", kUserCaller)->text("password") == "a b");  // in band
  CHECK_THAT(error_of("user passwd --password-stdin", 2, kUserCaller), Catch::Contains("password=VALUE"));
  CHECK_THAT(error_of("user passwd --password x", 2, kUserCaller), Catch::Contains("password=VALUE"));
  CHECK(wants_input({"user", "add", "x", "--password-stdin"}));
  CHECK_FALSE(wants_input({"user", "add", "--", "--password-stdin"}));
}

TEST_CASE("Mistakes are usage errors that name what was meant") {
  CHECK_THAT(error_of("usr add kit"), Catch::Contains("did you mean user add?"));
  CHECK_THAT(error_of("user ad kit"), Catch::Contains("did you mean user add?"));
  CHECK_THAT(error_of("user"), Catch::Contains("user add, user list"));
  CHECK_THAT(error_of("xyzzy"), Catch::Contains("halley help"));
  CHECK_THAT(error_of("user add"), Catch::Contains("NAME is missing; usage: halley user add NAME"));
  CHECK_THAT(error_of("user add a b"), Catch::Contains("one word too many"));
  CHECK_THAT(error_of("user add a --amdin"), Catch::Contains("did you mean admin?"));
  CHECK_THAT(error_of("network set a b nik=x"), Catch::Contains("did you mean nick?"));
  CHECK_THAT(error_of("network set a b --nick"), Catch::Contains("--nick needs a value"));
  CHECK_THAT(error_of("backup ''"), Catch::Contains("FILE is empty"));
  CHECK_THAT(error_of("network set a b --nick x nick=y"), Catch::Contains("twice"));
  CHECK_THAT(error_of("user add a --admin=yes"), Catch::Contains("takes no value"));
  CHECK_THAT(error_of("user add a admin=perhaps"), Catch::Contains("yes or no"));
  CHECK_THAT(error_of("user list --frobnicate"), Catch::Contains("usage: halley user list"));
}

TEST_CASE("In band the USER is left out, and others' accounts are out of reach") {
  CHECK(parse("network add libera ircs://h", kUserCaller)->text("URL") == "ircs://h");
  CHECK_THAT(error_of("network list kit", 2, kUserCaller), Catch::Contains("too many"));
  CHECK_THAT(error_of("user add x", 1, kUserCaller), Catch::Contains("administrators"));
  CHECK_THAT(error_of("user remove x", 1, kUserCaller), Catch::Contains("administrators"));
  CHECK(parse("user remove x", kAdminCaller).has_value());
  CHECK_THAT(error_of("serve", 1, kAdminCaller), Catch::Contains("command line"));
  CHECK_THAT(error_of("batch", 1, kAdminCaller), Catch::Contains("command line"));
}

TEST_CASE("Help is there for everything, each group and each command") {
  for (const char* line : {"", "--help", "-h", "user --help", "network add --help", "network add x -h"}) {
    const auto parsed = parse(line);
    INFO(line);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().status == 0);
    CHECK_THAT(parsed.error().text, Catch::Contains("usage: halley"));
  }
  CHECK_THAT(parse("network add --help").error().text,
             Catch::Contains("--sasl-password-stdin") && Catch::Contains("--join CHANNELS"));
  CHECK_THAT(help_text("network add", kUserCaller),
             Catch::Contains("usage: network add NAME URL") && Catch::Contains("pass=SECRET"));
  CHECK(help_text("user add", kUserCaller).empty());
  CHECK_THAT(help_text("", kUserCaller), !Catch::Contains("user add") && Catch::Contains("network list"));
  CHECK(help_text("nonsense", kOperatorCaller).empty());
}

TEST_CASE("Every row of the table is whole") {
  std::set<std::string_view> seen;
  for (const Command& command : commands()) {
    INFO(command.words);
    CHECK(seen.insert(command.words).second);
    CHECK_FALSE(command.help.empty());
    CHECK((!command.run && !command.traits.ask && !command.traits.follow) == (command.who == Who::kProgram));
    CHECK(find_command(command.words) == &command);
    CHECK_FALSE(help_text(command.words, kOperatorCaller).empty());
    for (const auto& option : command.options) {
      const bool valued =
          option.kind == OptionSpec::Kind::kValue || option.kind == OptionSpec::Kind::kRepeated;
      CHECK(valued == !option.value.empty());
      CHECK_FALSE(option.help.empty());
    }
  }
}

TEST_CASE("A command has 256 words at most") {
  std::string words = "w";
  for (int i = 1; i < 256; ++i) words += " w";
  CHECK(shell_words(words)->size() == 256);
  CHECK_FALSE(shell_words(words + " w w").has_value());
}
