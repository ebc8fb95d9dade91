// SASL on IRC: payloads in chunks of 400 base64 bytes. Source: https://ircv3.net/specs/extensions/sasl-3.1
//
// Values and pure functions; any thread. Owner of a SaslReader: the login it reads for.
#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace halley::irc {

std::string base64_encode(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);

// The AUTHENTICATE parameters that carry `payload`: chunks of 400; "+" alone for an empty payload, and a
// closing "+" when the encoded length is a multiple of 400.
std::vector<std::string> sasl_chunks(std::string_view payload);

// Puts chunks together. Bound: 64 KiB encoded.
class SaslReader {
 public:
  enum class Result { kMore, kDone, kInvalid };
  Result feed(std::string_view chunk);
  const std::string& payload() const { return payload_; }  // decoded, after kDone

 private:
  std::string encoded_, payload_;
};

struct PlainCredentials {
  std::string authzid, authcid, password;
};
std::optional<PlainCredentials> parse_plain(std::string_view payload);
std::string format_plain(std::string_view account, std::string_view password);  // authzid = authcid

}  // namespace halley::irc
