#include "tests/fakes/net/websocket_cases.h"

#include "bouncer/net/websocket.h"

namespace halley::fakes {

using namespace std::string_literals;
using net::append_ws_header;
using net::WsOpcode;

std::string websocket_frame(unsigned first, std::string_view payload, bool masked) {
  std::string out;
  append_ws_header(out, WsOpcode::kText, payload.size());
  out[0] = static_cast<char>(first);
  if (!masked) return out + std::string(payload);
  out[1] = static_cast<char>(out[1] | 0x80);
  const std::string mask = "\x37\xfa\x21\x3d";
  out += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ mask[i % 4]);
  return out;
}

std::string shown(std::string_view payload) {
  if (payload.size() <= 200) return std::string(payload);
  return std::to_string(payload.size()) + " bytes of " + std::string(payload.substr(0, 1));
}

namespace {

using Case = WebSocketCase;

std::string frame(unsigned first, std::string_view payload, bool masked = true) {
  return websocket_frame(first, payload, masked);
}
constexpr unsigned kFin = 0x80;
std::string text(std::string_view payload, bool last = true) {
  return frame(1 | (last ? kFin : 0), payload);
}
std::string binary(std::string_view payload, bool last = true) {
  return frame(2 | (last ? kFin : 0), payload);
}
std::string more(std::string_view payload, bool last = true) {
  return frame(0 | (last ? kFin : 0), payload);
}
std::string ping(std::string_view payload) {
  return frame(9 | kFin, payload);
}
std::string pong(std::string_view payload) {
  return frame(10 | kFin, payload);
}
std::string close(unsigned code, std::string_view reason = {}) {
  std::string payload;
  payload += static_cast<char>(code >> 8);
  payload += static_cast<char>(code & 0xFF);
  return frame(8 | kFin, payload + std::string(reason));
}

std::vector<Case> sizes() {
  std::vector<Case> cases;
  for (const std::size_t size :
       {0U, 1U, 7U, 8U, 9U, 124U, 125U, 126U, 127U, 128U, 65'535U, 65'536U, 65'537U, 100'000U}) {
    const std::string payload(size, 'x');
    cases.push_back({"a text of " + std::to_string(size), text(payload), "text(" + shown(payload) + ") "});
    cases.push_back(
        {"binary of " + std::to_string(size), binary(payload), "binary(" + shown(payload) + ") "});
  }
  cases.push_back({"a text that is too long", text(std::string(100'001, 'x')), "failed(1009)"});
  cases.push_back({"parts that are too long",
                   text(std::string(60'000, 'x'), false) + more(std::string(40'001, 'x')), "failed(1009)"});
  cases.push_back({"2 bytes of length for 125", "\x81\xfe\x00\x7d"s + "mask", "failed(1002)"});
  cases.push_back({"8 bytes of length for 65535", "\x82\xff\0\0\0\0\0\0\xff\xff"s + "mask", "failed(1002)"});
  cases.push_back({"a length of 2^63", "\x82\xff\x80\0\0\0\0\0\0\0"s + "mask", "failed(1002)"});
  cases.push_back(
      {"a length of 2^63 - 1", "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s + "mask", "failed(1009)"});
  return cases;
}

std::vector<Case> bits() {
  std::vector<Case> cases;
  for (unsigned reserved = 1; reserved < 8; ++reserved)
    for (const unsigned opcode : {0U, 1U, 2U, 8U, 9U, 10U})
      cases.push_back(
          {"reserved bits " + std::to_string(reserved) + " with opcode " + std::to_string(opcode),
           text("a") + frame(kFin | reserved << 4 | opcode, opcode == 8 ? "\x03\xe8" : "b") + text("c"),
           "text(a) failed(1002)"});
  for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
    const std::string name = "unknown opcode " + std::to_string(opcode);
    cases.push_back({name, text("a") + frame(kFin | opcode, "b"), "text(a) failed(1002)"});
    cases.push_back({name + ", empty", frame(kFin | opcode, ""), "failed(1002)"});
    cases.push_back({name + " between parts", text("a", false) + frame(kFin | opcode, ""), "failed(1002)"});
  }
  for (const unsigned opcode : {1U, 2U, 8U, 9U, 10U})
    cases.push_back(
        {"not masked: " + std::to_string(opcode), frame(kFin | opcode, "", false), "failed(1002)"});
  return cases;
}

std::vector<Case> control_frames() {
  const std::string most(125, 'p');
  std::vector<Case> cases = {
      {"an empty ping", ping(""), "ping() "},
      {"a ping", ping("hello"), "ping(hello) "},
      {"a ping that is no text", ping("\0\xff\xfe\xfd"s), "ping(\0\xff\xfe\xfd) "s},
      {"the longest ping", ping(most), "ping(" + most + ") "},
      {"a ping that is too long", ping(most + "p"), "failed(1002)"},
      {"an unasked pong", pong("x"), "pong(x) "},
      {"an empty pong", pong(""), "pong() "},
      {"a pong that is too long", pong(most + "p"), "failed(1002)"},
      {"ten pings",
       ping("0") + ping("1") + ping("2") + ping("3") + ping("4") + ping("5") + ping("6") + ping("7"),
       "ping(0) ping(1) ping(2) ping(3) ping(4) ping(5) ping(6) ping(7) "},
      {"a ping in parts", frame(9, "x"), "failed(1002)"},
      {"a pong in parts", frame(10, "x"), "failed(1002)"},
      {"a close in parts", frame(8, "\x03\xe8"), "failed(1002)"},
      {"an empty close", frame(8 | kFin, ""), "close(1005,)"},
      {"half a code", frame(8 | kFin, "\x03"), "failed(1002)"},
      {"a close with a reason", close(1000, "bye"), "close(1000,bye)"},
      {"the longest close", close(1000, std::string(123, 'r')), "close(1000," + std::string(123, 'r') + ")"},
      {"a close that is too long", close(1000, std::string(124, 'r')), "failed(1002)"},
      {"a reason that is no UTF-8", close(1000, "\xce\xba\xe1\xbd"), "failed(1007)"},
      {"nothing is heard behind a close", close(1000) + ping("x") + text("y"), "close(1000,)"},
      {"nothing is heard behind a failure", frame(3, "") + text("y"), "failed(1002)"},
      {"a close between parts", text("a", false) + close(1001), "close(1001,)"},
  };
  for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U, 1012U, 1013U,
                              1014U, 3000U, 3999U, 4000U, 4999U})
    cases.push_back({"code " + std::to_string(code), close(code), "close(" + std::to_string(code) + ",)"});
  for (const unsigned code :
       {0U, 1U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 1999U, 2000U, 2999U, 5000U, 65'535U})
    cases.push_back({"code " + std::to_string(code), close(code), "failed(1002)"});
  return cases;
}

std::vector<Case> fragments() {
  std::string many, whole;
  for (int i = 0; i < 500; ++i) many += more("0123456789", false), whole += "0123456789";
  return {
      {"two parts", text("a", false) + more("b"), "text(ab) "},
      {"binary in two parts", binary("\xff", false) + more("\xfe"), "binary(\xff\xfe) "},
      {"empty parts", text("", false) + more("", false) + more(""), "text() "},
      {"an empty last part", text("a", false) + more(""), "text(a) "},
      {"an empty first part", text("", false) + more("b"), "text(b) "},
      {"a ping between", text("a", false) + ping("p") + more("b"), "ping(p) text(ab) "},
      {"a pong between", text("a", false) + pong("p") + more("b"), "pong(p) text(ab) "},
      {"pings between all", text("a", false) + ping("") + more("b", false) + ping("q") + more("c"),
       "ping() ping(q) text(abc) "},
      {"a part without a beginning", more("a"), "failed(1002)"},
      {"an unfinished part without a beginning", more("a", false), "failed(1002)"},
      {"a part behind a whole message", text("a") + more("b"), "text(a) failed(1002)"},
      {"a text inside a text", text("a", false) + text("b"), "failed(1002)"},
      {"binary inside a text", text("a", false) + binary("b"), "failed(1002)"},
      {"a text inside binary", binary("a", false) + text("b", false), "failed(1002)"},
      {"an unfinished message", text("a", false), ""},
      {"two messages in parts", text("a", false) + more("b") + binary("c", false) + more("d"),
       "text(ab) binary(cd) "},
      {"500 parts", text("", false) + many + more("!"), "text(" + shown(whole + "!") + ") "},
  };
}

const std::vector<std::string> kValid = {"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"s,
                                         "\0"s,
                                         "\x7f"s,
                                         "\xc2\x80"s,
                                         "\xdf\xbf"s,
                                         "\xe0\xa0\x80"s,
                                         "\xe0\xbf\xbf"s,
                                         "\xe1\x80\x80"s,
                                         "\xec\xbf\xbf"s,
                                         "\xed\x80\x80"s,
                                         "\xed\x9f\xbf"s,
                                         "\xee\x80\x80"s,
                                         "\xef\xbf\xbd"s,
                                         "\xef\xbf\xbe"s,
                                         "\xef\xbf\xbf"s,
                                         "\xf0\x90\x80\x80"s,
                                         "\xf0\xbf\xbf\xbf"s,
                                         "\xf1\x80\x80\x80"s,
                                         "\xf3\xbf\xbf\xbf"s,
                                         "\xf4\x80\x80\x80"s,
                                         "\xf4\x8f\xbf\xbf"s};
const std::vector<std::string> kInvalid = {"\x80"s,
                                           "\xbf"s,
                                           "\x80\xbf"s,
                                           "\xc0"s,
                                           "\xc0\x80"s,
                                           "\xc0\xaf"s,
                                           "\xc1\xbf"s,
                                           "\xc2\x7f"s,
                                           "\xc2\xc0"s,
                                           "\xc2 "s,
                                           "\xdf\x20"s,
                                           "\xe0\x80\x80"s,
                                           "\xe0\x80\xaf"s,
                                           "\xe0\x9f\xbf"s,
                                           "\xe0\xa0\x7f"s,
                                           "\xe1\x80\x20"s,
                                           "\xe1\xc0\x80"s,
                                           "\xed\xa0\x80"s,
                                           "\xed\xad\xbf"s,
                                           "\xed\xae\x80"s,
                                           "\xed\xaf\xbf"s,
                                           "\xed\xb0\x80"s,
                                           "\xed\xbf\xbf"s,
                                           "\xed\xa0\x80\xed\xb0\x80"s,
                                           "\xf0\x80\x80\x80"s,
                                           "\xf0\x80\x80\xaf"s,
                                           "\xf0\x8f\xbf\xbf"s,
                                           "\xf0\x90\x80\x7f"s,
                                           "\xf0\x90\x20\x80"s,
                                           "\xf4\x90\x80\x80"s,
                                           "\xf4\xbf\xbf\xbf"s,
                                           "\xf5\x80\x80\x80"s,
                                           "\xf7\xbf\xbf\xbf"s,
                                           "\xf8\x88\x80\x80\x80"s,
                                           "\xfc\x84\x80\x80\x80\x80"s,
                                           "\xfe"s,
                                           "\xff"s,
                                           "\xfe\xfe\xff\xff"s};
const std::vector<std::string> kUnfinished = {"\xc2"s,         "\xdf"s,        "\xe0"s, "\xe0\xa0"s,
                                              "\xe1\x80"s,     "\xed\x9f"s,    "\xf0"s, "\xf0\x90"s,
                                              "\xf0\x90\x80"s, "\xf4\x8f\xbf"s};

// `character` whole, and in two parts with a ping between, cut at each byte.
void add_texts(std::vector<Case>& cases, const std::string& character, const std::string& heard,
               bool cut_pings) {
  const std::string bytes = "ab" + character + "cd";
  cases.push_back({"a text", text(bytes), heard});
  for (std::size_t cut = 2; cut <= 2 + character.size(); ++cut) {
    const std::string parts = text(bytes.substr(0, cut), false) + more(bytes.substr(cut));
    cases.push_back({"a text cut at " + std::to_string(cut), parts, heard});
    if (cut_pings)
      cases.push_back({"a text cut by a ping",
                       text(bytes.substr(0, cut), false) + ping("p") + more(bytes.substr(cut)),
                       "ping(p) " + heard});
  }
}

std::vector<Case> texts() {
  std::vector<Case> cases;
  for (const std::string& character : kValid)
    add_texts(cases, character, "text(ab" + character + "cd) ", true);
  for (const std::string& character : kInvalid) add_texts(cases, character, "failed(1007)", false);
  for (const std::string& character : kUnfinished) {
    cases.push_back({"unfinished", text("ab" + character), "failed(1007)"});
    cases.push_back({"unfinished in parts", text("ab" + character, false) + more(""), "failed(1007)"});
    cases.push_back({"unfinished before another", text(character + "a"), "failed(1007)"});
    cases.push_back({"as binary", binary(character), "binary(" + character + ") "});
  }
  // Known at the byte: the rest of the message need not come.
  for (const std::string& character : kInvalid) {
    const std::string whole = text(character + std::string(50, 'x'), false);
    cases.push_back({"known early", whole.substr(0, whole.size() - 40), "failed(1007)"});
  }
  return cases;
}

}  // namespace

std::vector<std::pair<std::string_view, std::vector<WebSocketCase>>> websocket_cases() {
  return {{"sizes", sizes()},
          {"bits", bits()},
          {"control frames", control_frames()},
          {"fragments", fragments()},
          {"texts", texts()}};
}

}  // namespace halley::fakes
