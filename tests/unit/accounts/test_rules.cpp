// Rules: what calls a user, and what is not heard.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>

#include "bouncer/accounts/rules.h"
#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using tests::AccountsBench;

namespace {

constexpr std::string_view kBob = "Bob!b@host.example";

Rules made(std::string_view lines) {
  const auto rules = parse_rules(lines);
  if (!rules) FAIL(rules.error());
  auto ready = Rules::make(*rules);
  if (!ready) FAIL(ready.error());
  return std::move(*ready);
}

bool called(std::string_view lines, std::string_view text, std::string_view source = kBob) {
  return made(lines).highlights(source, text);
}

bool unheard(std::string_view lines, std::string_view text, std::string_view source = kBob) {
  return made(lines).ignores(source, text);
}

std::string refusal(std::string_view lines) {
  const auto checked = check_rules(lines);
  return checked ? std::string() : checked.error();
}

}  // namespace

TEST_CASE("a word calls where it stands by itself, in whatever case and colour") {
  const std::string rule = "highlight word comet";
  for (const auto* text : {"comet", "the Comet is here", "comet!", "(comet)", "a/comet", "\"COMET\"",
                           "\x02"
                           "comet\x02 bold",
                           "\x03"
                           "04,01comet\x03 red",
                           "\x01"
                           "ACTION sees a comet\x01",
                           "der \xc2\xab"
                           "comet\xc2\xbb",
                           "comet\xe2\x80\xa6", "\xff comet"}) {
    INFO(text);
    CHECK(called(rule, text));
  }
  for (const auto* text :
       {"comets", "a-comet", "comet_", "[comet]", "com et", "comet\xc3\xa9", "", "9comet"}) {
    INFO(text);
    CHECK_FALSE(called(rule, text));
  }
  CHECK(called("highlight word new york", "in New York today"));
  CHECK(called("highlight word c++", "I like C++ more"));
  CHECK(
      called("highlight word \xc3\xbc"
             "ber",
             "\xc3\x9c"
             "BER alles"));
  CHECK(called("highlight word com\nhighlight word comet", "comet"));  // one that is longer, too
  CHECK_FALSE(unheard(rule, "comet"));
}

TEST_CASE("a regular expression looks at what is said, each by itself") {
  CHECK(called("highlight regex ^comet (a|b)$", "comet B"));
  CHECK_FALSE(called("highlight regex ^comet (a|b)$", "a comet b"));
  CHECK(called("highlight regex (?-i)Comet", "Comet"));
  CHECK_FALSE(called("highlight regex (?-i)Comet", "comet"));
  CHECK(called("highlight regex x|y\nhighlight word z", "z"));
  CHECK(called("highlight regex (?P<n>a)b\nhighlight regex c", "c"));
  CHECK(unheard("ignore regex ^!seen", "!seen ann"));
  CHECK_FALSE(unheard("ignore regex ^!seen", {}));
  // A text that would keep another engine busy for ever.
  CHECK_FALSE(unheard("ignore regex (a*)*b$", std::string(8000, 'a')));
}

TEST_CASE("a mask looks at who says it") {
  CHECK(unheard("ignore mask bob", "hi"));
  CHECK(unheard("ignore mask *@host.example", {}));
  CHECK(unheard("ignore mask b?b!*@*.EXAMPLE", "hi"));
  CHECK(unheard("ignore mask x{y}", "hi", "X[Y]!u@h"));
  CHECK(unheard("ignore mask bob!b", "hi"));
  CHECK_FALSE(unheard("ignore mask bob", "hi", "bobby!b@h"));
  CHECK_FALSE(unheard("ignore mask bo.", "hi"));
  CHECK_FALSE(unheard("ignore mask bob", "bob!b@h says", "carl!c@h"));
  CHECK(called("highlight mask *!b@*", "whatever"));
  CHECK(Rule::parse("ignore mask bob")->pattern == "bob!*@*");
  CHECK(Rule::parse("ignore mask *@h")->pattern == "*!*@h");
}

TEST_CASE("a rule that cannot be, or would hold for all, is refused with the reason") {
  CHECK_THAT(refusal("notice word x"), Catch::Contains("begins with highlight or ignore"));
  CHECK_THAT(refusal("ignore line x"), Catch::Contains("a word, a regex or a mask"));
  CHECK_THAT(refusal("ignore word"), Catch::Contains("needs a pattern"));
  CHECK_THAT(refusal("ignore regex a("), Catch::Contains("is no regular expression"));
  CHECK_THAT(refusal("ignore regex a*"), Catch::Contains("found in everything"));
  CHECK_THAT(refusal("ignore regex a\\Qb"), Catch::Contains("\\Q"));
  CHECK(refusal("ignore regex a\\\\Qb").empty());
  CHECK_THAT(refusal("ignore regex (?:a){1000}{1000}"), Catch::Contains("is no regular expression"));
  CHECK_THAT(refusal("ignore mask *!*@*"), Catch::Contains("is everybody"));
  CHECK_THAT(refusal("ignore mask a b"), Catch::Contains("without spaces"));
  CHECK_THAT(refusal("ignore word \xff"), Catch::Contains("UTF-8"));
}

TEST_CASE("rules are a hundred at most, of 200 bytes, and together of a bounded cost") {
  CHECK(refusal("ignore word " + std::string(200, 'x')).empty());
  CHECK_THAT(refusal("ignore word " + std::string(201, 'x')), Catch::Contains("at most 200 bytes"));
  // A mask is as long as it is when it is completed.
  CHECK(refusal("ignore mask " + std::string(196, 'x')).empty());
  CHECK_THAT(refusal("ignore mask " + std::string(197, 'x')), Catch::Contains("at most 200 bytes"));
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += fmt::format("highlight word w{}\nhighlight word w{}\n", i, i);
  CHECK(refusal(lines).empty());
  CHECK(parse_rules(lines)->size() == 100);  // said twice, each is there once
  CHECK_THAT(refusal(lines + "ignore word more"), Catch::Contains("100 rules are the most"));
  lines.clear();
  for (int i = 0; i < 60; ++i) lines += fmt::format("ignore regex \\pL{{9}}{}\n", i);
  CHECK_THAT(refusal(lines), Catch::Contains("the rules together are too"));
}

TEST_CASE("rules are a setting of a user, and keep their names") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("kit", "", false));
  REQUIRE(bench.accounts.set_user("kit", {{"rule", "highlight word comet\nignore mask bob"}}));
  const auto rules = rules_of(*bench.accounts.find_user("kit"));
  REQUIRE(rules.size() == 2);
  CHECK(rules[1].text() == "ignore mask bob!*@*");
  CHECK(rules[0].id() == Rule::parse("highlight word comet")->id());
  CHECK(rules[0].id().size() == 8);
  CHECK(rules[0].id() != rules[1].id());
  CHECK_FALSE(bench.accounts.set_user("kit", {{"rule", "highlight"}}));
  // A line that another version may have kept is no reason to forget the others.
  storage::UserRow odd = *bench.accounts.find_user("kit");
  odd.settings = {{"rule", "highlight word comet\nhighlight sound bell\nignore mask bob!*@*"}};
  CHECK(rules_of(odd).size() == 2);
  CHECK(rules_of(*bench.accounts.find_user("kit")).size() == 2);
  REQUIRE(bench.accounts.set_user("kit", {{"rule", ""}}));
  CHECK(rules_of(*bench.accounts.find_user("kit")).empty());
}
