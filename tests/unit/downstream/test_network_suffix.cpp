// Names with the network behind them, towards a client that is shown several.
#include <catch2/catch.hpp>

#include "bouncer/downstream/network_suffix.h"

using namespace halley;

namespace {

struct Bench {
  Bench() {
    const std::string_view tokens[] = {"CASEMAPPING=rfc1459", "CHANTYPES=#&", "PREFIX=(ov)@+", "STATUSMSG=@+",
                                       "CHANMODES=beI,k,l,imnpst"};
    isupport.apply(tokens);
  }
  NamedNetwork named() const {
    return {.name = "libera",
            .nick = "ann_",
            .shown = "ann",
            .server = "hub",
            .host = "halley",
            .isupport = isupport};
  }
  std::vector<std::string> lines(std::string_view line, std::string_view whox = {}) const {
    const auto message = irc::parse(line);
    REQUIRE(message);
    return suffixed_lines(named(), *message, "7.", whox);
  }
  std::string one(std::string_view line, std::string_view whox = {}) const {
    const auto all = lines(line, whox);
    REQUIRE(all.size() == 1);
    return all[0];
  }
  irc::Isupport isupport;
};

}  // namespace

TEST_CASE("a name has its network behind it, and one's own has none") {
  const Bench b;
  const auto name = [&](std::string_view text) { return suffixed_name(b.named(), text); };
  CHECK(name("bob") == "bob/libera");
  CHECK(name("#chan") == "#chan/libera");
  CHECK(name("#a/b.c") == "#a/b.c/libera");
  CHECK(name("@#chan") == "@#chan/libera");
  CHECK(name("ann_") == "ann");
  CHECK(name("ANN_") == "ann");
  CHECK(name("ann") == "ann/libera");  // somebody else there
  CHECK(name("irc.libera.chat") == "irc.libera.chat");
  for (const char* as_it_is : {"", "*", "*halley", "$$*.libera.chat"}) CHECK(name(as_it_is) == as_it_is);
}

TEST_CASE("each line of a network has its names changed, and no text") {
  const Bench b;
  const std::pair<const char*, const char*> rows[] = {
      {":bob!b@h PRIVMSG #c :see #d bob", ":bob/libera!b@h PRIVMSG #c/libera :see #d bob"},
      {":bob!b@h PRIVMSG ann_ :hi", ":bob/libera!b@h PRIVMSG ann :hi"},
      {":ann_!a@h PRIVMSG bob :hi", ":ann!a@h PRIVMSG bob/libera :hi"},
      {":hub NOTICE ann_ :hi", ":hub NOTICE ann :hi"},
      {":halley NOTICE ann_ :hi", ":halley NOTICE ann :hi"},
      {":NickServ NOTICE ann_ :hi", ":NickServ/libera NOTICE ann :hi"},
      {":*halley!*halley@halley PRIVMSG ann_ :hi", ":*halley!*halley@halley PRIVMSG ann :hi"},
      {":bob!b@h JOIN #c acc :Bob", ":bob/libera!b@h JOIN #c/libera acc :Bob"},
      {":ann_!a@h PART #c :bye", ":ann!a@h PART #c/libera :bye"},
      {":bob!b@h KICK #c ann_ :out", ":bob/libera!b@h KICK #c/libera ann :out"},
      {":bob!b@h MODE #c +ov-b carl ann_ *!*@bad/libera",
       ":bob/libera!b@h MODE #c/libera +ov-b carl/libera ann *!*@bad/libera"},
      {":bob!b@h MODE #c +kl key 5", ":bob/libera!b@h MODE #c/libera +kl key 5"},
      {":ann_ MODE ann_ :+i", ":ann MODE ann :+i"},
      {":bob!b@h NICK :bobby", ":bob/libera!b@h NICK :bobby/libera"},
      {":bob!b@h INVITE ann_ #c", ":bob/libera!b@h INVITE ann #c/libera"},
      {":bob!b@h QUIT :a.b c.d", ":bob/libera!b@h QUIT :a.b c.d"},
      {":bob!b@h AWAY :#lunch", ":bob/libera!b@h AWAY :#lunch"},
      {":hub 332 ann_ #c :of #c", ":hub 332 ann #c/libera :of #c"},
      {":hub 333 ann_ #c bob!b@h 123", ":hub 333 ann #c/libera bob/libera!b@h 123"},
      {":hub 353 ann_ = #c :@ann_ +bob!b@h carl",
       ":hub 353 ann = #c/libera :@ann +bob/libera!b@h carl/libera"},
      {":hub 352 ann_ #c u h srv.x bob H@ :0 Bob", ":hub 352 ann #c/libera u h srv.x bob/libera H@ :0 Bob"},
      {":hub 352 ann_ * u h srv.x ann_ H :0 Ann", ":hub 352 ann * u h srv.x ann H :0 Ann"},
      {":hub 311 ann_ bob u h * :Bob", ":hub 311 ann bob/libera u h * :Bob"},
      {":hub 319 ann_ bob :@#c +&d #e", ":hub 319 ann bob/libera :@#c/libera +&d/libera #e/libera"},
      {":hub 302 ann_ :bob*=+u@h ann_=-a@h", ":hub 302 ann :bob/libera*=+u@h ann=-a@h"},
      {":hub 303 ann_ :bob carl", ":hub 303 ann :bob/libera carl/libera"},
      {":hub 341 ann_ bob #c", ":hub 341 ann bob/libera #c/libera"},
      {":hub 367 ann_ #c *!*@x/y bob 12", ":hub 367 ann #c/libera *!*@x/y bob/libera 12"},
      {":hub 401 ann_ bob :No such nick", ":hub 401 ann bob/libera :No such nick"},
      {":hub 482 ann_ #c :You are no operator", ":hub 482 ann #c/libera :You are no operator"},
      {":hub 730 ann_ :bob!b@h,carl", ":hub 730 ann :bob/libera!b@h,carl/libera"},
      {":hub 005 ann_ A=#b :are supported", ":hub 005 ann A=#b :are supported"},
      {":hub FAIL X Y #c :no", ":hub FAIL X Y #c/libera :no"},
      {"@batch=h1;time=t;+draft/reply=x :bob!b@h TAGMSG #c",
       "@batch=7.h1;time=t;+draft/reply=x :bob/libera!b@h TAGMSG #c/libera"},
      {":halley BATCH +h1 chathistory #c", ":halley BATCH +7.h1 chathistory #c/libera"},
      {":halley BATCH -h1", ":halley BATCH -7.h1"},
      {":hub BATCH +n netsplit a.x b.x", ":hub BATCH +7.n netsplit a.x b.x"},
      {":halley MARKREAD #c timestamp=x", ":halley MARKREAD #c/libera timestamp=x"},
      {":halley CHATHISTORY TARGETS bob time", ":halley CHATHISTORY TARGETS bob/libera time"},
  };
  for (const auto& [from, to] : rows) CHECK(b.one(from) == to);
}

TEST_CASE("fields of WHOX are found by what was asked for") {
  const Bench b;
  CHECK(b.one(":hub 354 ann_ 152 #c u h srv.x bob H 0 acc :Bob", "chtsunfdar") ==
        ":hub 354 ann 152 #c/libera u h srv.x bob/libera H 0 acc :Bob");
  CHECK(b.one(":hub 354 ann_ bob acc", "na") == ":hub 354 ann bob/libera acc");
}

TEST_CASE("what no longer fits into one line goes on in another") {
  const Bench b;
  std::string names;
  for (int i = 0; i < 60; ++i) names += (i ? " " : "") + std::string("n") + std::to_string(i) + "abc";
  const auto lines = b.lines(":hub 353 ann_ = #c :" + names);
  CHECK(lines.size() > 1);
  std::size_t count = 0;
  for (const std::string& line : lines) {
    CHECK(line.size() <= 510);
    CHECK(line.starts_with(":hub 353 ann = #c/libera :n"));
    for (std::size_t at = 0; (at = line.find("abc/libera", at)) != std::string::npos; ++at) ++count;
  }
  CHECK(count == 60);
  const std::string head = ":bob!b@h PRIVMSG #c :";
  const auto said = b.lines("@batch=x;msgid=m;time=t " + head + std::string(510 - head.size(), 'x'));
  REQUIRE(said.size() == 2);
  CHECK(said[0].starts_with("@batch=7.x;msgid=m;time=t :bob/libera!b@h PRIVMSG #c/libera :x"));
  CHECK(said[1].starts_with("@batch=7.x;time=t :bob/libera!b@h PRIVMSG #c/libera :x"));
}
