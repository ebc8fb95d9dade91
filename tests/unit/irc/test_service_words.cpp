#include <catch2/catch.hpp>

#include "bouncer/irc/service_words.h"

using halley::irc::without_password;

TEST_CASE("passwords said to services are left out, and nothing else is") {
  const auto [target, text, kept] = GENERATE(table<const char*, const char*, const char*>({
      {"NickServ", "IDENTIFY hunter2", "IDENTIFY ****"},
      {"nickserv", "identify ann hunter2", "identify **** ****"},
      {"NickServ@services.example.org", "  id hunter2", "id ****"},
      {"NS", "REGISTER hunter2 ann@example.org", "REGISTER **** ****"},
      {"NickServ", "SET PASSWORD hunter2", "SET PASSWORD ****"},
      {"NickServ", "saset ann password hunter2", "saset ann password ****"},
      {"NickServ", "GHOST ann hunter2", "GHOST ann ****"},
      {"NickServ", "RECOVER ann hunter2", "RECOVER ann ****"},
      {"ChanServ", "IDENTIFY #c hunter2", "IDENTIFY **** ****"},
      {"ChanServ", "SET #c PASSWORD hunter2", "SET #c PASSWORD ****"},
      {"Q@CServe.quakenet.org", "AUTH ann hunter2", "AUTH **** ****"},
      {"x@channels.undernet.org", "login ann hunter2", "login **** ****"},
      {"AuthServ", "auth ann hunter2", "auth **** ****"},
      {"NickServ", "SETPASS ann key hunter2", "SETPASS ann **** ****"},
      // Atheme
      {"NickServ", "FREGISTER ann hunter2 ann@example.org", "FREGISTER ann **** ****"},
      {"NickServ", "LOGOUT ann hunter2", "LOGOUT ann ****"},
      {"NickServ", "RELEASE ann hunter2", "RELEASE ann ****"},
      {"NickServ", "VERIFY REGISTER ann hunter2", "VERIFY REGISTER **** ****"},
      {"NickServ", "DROP ann hunter2", "DROP ann ****"},
      {"OperServ", "IDENTIFY hunter2", "IDENTIFY ****"},
      // Anope and its forebears
      {"NickServ", "CONFIRM hunter2", "CONFIRM ****"},
      {"NickServ", "GROUP ann hunter2", "GROUP ann ****"},
      {"NickServ", "UNLINK ann hunter2", "UNLINK ann ****"},
      {"OS", "LOGIN hunter2", "LOGIN ****"},
      {"ChanServ", "REGISTER #c hunter2 About", "REGISTER **** **** ****"},
      // Ergo
      {"NickServ", "VERIFY ann hunter2", "VERIFY ann ****"},
      {"NickServ", "PASSWD old hunter2 hunter2", "PASSWD **** **** ****"},
      {"NickServ", "SAREGISTER ann hunter2", "SAREGISTER ann ****"},
      {"NickServ", "UNREGISTER ann hunter2", "UNREGISTER **** ****"},
      // QuakeNet, GameSurge, Undernet
      {"Q", "EMAIL hunter2 ann@example.org ann@example.org", "EMAIL **** **** ****"},
      {"Q", "NEWPASS old hunter2 hunter2", "NEWPASS **** **** ****"},
      {"AuthServ", "OREGISTER ann hunter2 *@*", "OREGISTER ann **** ****"},
      {"AuthServ", "COOKIE hunter2", "COOKIE ****"},
      {"AuthServ", "AUTHCOOKIE ann hunter2", "AUTHCOOKIE ann ****"},
      {"X", "NEWPASS hunter2", "NEWPASS ****"},
      {"NickServ", "LOGOUT", nullptr},
      {"HostServ", "REQUEST ann.example.org", nullptr},
      {"NickServ", "GHOST ann", nullptr},
      {"NickServ", "INFO ann", nullptr},
      {"ChanServ", "OP #c ann", nullptr},
      {"NickServ", "SET EMAIL ann@example.org", nullptr},
      {"NickServ", "", nullptr},
      {"bob", "IDENTIFY hunter2", nullptr},
      {"#c", "register here", nullptr},
      {"serv", "IDENTIFY x", nullptr},
  }));
  CAPTURE(target, text);
  const auto result = without_password(target, text);
  CHECK(result == (kept ? std::optional<std::string>(kept) : std::nullopt));
}

TEST_CASE("of a line to send nothing secret is shown") {
  const auto [line, shown, hidden] = GENERATE(table<const char*, const char*, std::vector<std::string>>({
      {"PRIVMSG NickServ :IDENTIFY hunter2", "PRIVMSG NickServ :IDENTIFY ****", {"hunter2"}},
      {"privmsg Q@CServe.quakenet.org :AUTH ann hunter2",
       "privmsg Q@CServe.quakenet.org :AUTH **** ****",
       {"ann", "hunter2"}},
      {"NS IDENTIFY hunter2", "NS IDENTIFY ****", {"hunter2"}},
      {"NICKSERV :IDENTIFY hunter2", "NICKSERV :IDENTIFY ****", {"hunter2"}},
      {"AUTHSERV AUTH ann hunter2", "AUTHSERV AUTH **** ****", {"ann", "hunter2"}},
      {"Q AUTH ann hunter2", "Q AUTH **** ****", {"ann", "hunter2"}},
      {"X LOGIN ann hunter2", "X LOGIN **** ****", {"ann", "hunter2"}},
      {"SQUERY NickServ :RECOVER ann hunter2", "SQUERY NickServ :RECOVER ann ****", {"hunter2"}},
      {"OPERSERV LOGIN hunter2", "OPERSERV LOGIN ****", {"hunter2"}},
      {"OPER ann hunter2", "OPER **** ****", {"ann", "hunter2"}},
      {"IDENTIFY :hunter2", "IDENTIFY ****", {"hunter2"}},
      {"JOIN #a,#b key", "JOIN #a,#b ****", {}},
      {"MODE #a +k key", "MODE #a +k ****", {}},
      {"MODE ann +B", "MODE ann +B", {}},
      {"PRIVMSG bob :hello there", "PRIVMSG bob :hello there", {}},
      {"AWAY", "AWAY", {}},
      {"", "", {}},
  }));
  CAPTURE(line);
  const auto result = halley::irc::line_secrets(line);
  CHECK(result.shown == shown);
  CHECK(result.hidden == hidden);
}
