// RFC 6455: a table of what a client may send, and what a server must make of it. The reader alone and the
// whole gateway are held to it.
//
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace halley::fakes {

inline constexpr std::size_t kMostOfCases = 100'000;  // the longest message that the cases hold to be taken

// `heard`: "text(...) ", "binary(...) ", "ping(...) ", "pong(...) ", one behind the other, and at the end
// "close(CODE,REASON)" or "failed(CODE)"; a payload as shown() gives it.
struct WebSocketCase {
  std::string name, bytes, heard;
};
// By what they are about.
std::vector<std::pair<std::string_view, std::vector<WebSocketCase>>> websocket_cases();

// A client's frame. `first`: FIN, reserved bits and opcode.
std::string websocket_frame(unsigned first, std::string_view payload, bool masked = true);
std::string shown(std::string_view payload);  // of more than 200 bytes: how many

}  // namespace halley::fakes
