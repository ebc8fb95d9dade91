// What a client of several networks is told of them together.
#include <catch2/catch.hpp>
#include <vector>

#include "bouncer/downstream/common_isupport.h"

using namespace halley;

namespace {
irc::Isupport with(std::vector<std::string_view> tokens) {
  irc::Isupport isupport;
  isupport.apply(tokens);
  return isupport;
}
}  // namespace

TEST_CASE("ISUPPORT of several networks takes in what each of them has") {
  const auto a = with(
                 {"CHANTYPES=#", "PREFIX=(ov)@+", "CHANMODES=beI,k,l,imnpst", "NICKLEN=16", "MONITOR=100"}),
             b = with({"CHANTYPES=#&", "PREFIX=(qov)~@+", "CHANMODES=b,k,Hl,imnq", "NICKLEN=31", "MONITOR=30",
                       "STATUSMSG=@+"});
  const irc::Isupport* both[] = {&a, &b};
  CHECK(common_isupport(both, 6) ==
        " CHANTYPES=#& PREFIX=(qov)~@+ CHANMODES=beI,k,lH,imnpst NICKLEN=38 CHANNELLEN=71 STATUSMSG=@+ "
        "MONITOR=30");
  CHECK(common_isupport({}, 0).starts_with(" CHANTYPES=# PREFIX=() CHANMODES=,,, NICKLEN=31"));
}
