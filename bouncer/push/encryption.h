// What is pushed, encrypted for one subscription: aes128gcm with keys by ECDH. Source: RFC 8291 section 3.4,
// RFC 8188. Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "bouncer/push/p256.h"

namespace halley::push {

// Of a body, which is one record, push services take 4,096 bytes (RFC 8030 section 7.2): less what stands
// before the text (86) and behind it (17).
inline constexpr std::size_t kMaxPushBody = 4096;
inline constexpr std::size_t kMaxPushText = kMaxPushBody - 86 - 17;

inline constexpr std::size_t kAuthBytes = 16, kSaltBytes = 16;
using Salt = std::array<unsigned char, kSaltBytes>;

// Content and input keys of the salt: what makes the key and the nonce of the only record.
struct RecordKeys {
  std::array<unsigned char, 16> key;
  std::array<unsigned char, 12> nonce;
};
RecordKeys record_keys(const Salt& salt, std::string_view input_key);
// One record, the last: its text, the delimiter, and the tag.
std::string seal_record(const RecordKeys& keys, std::string_view text);

// Who is to read it: a subscription's keys.
struct Receiver {
  std::string_view point;  // p256dh
  std::string_view auth;   // kAuthBytes
};
// The body of a push. `sender` and `salt` are for this one alone. nullopt: the reader's key is none of the
// curve's. REQUIRES: text of at most kMaxPushText bytes.
std::optional<std::string> encrypt(std::string_view text, const Receiver& receiver, const P256Key& sender,
                                   const Salt& salt);

}  // namespace halley::push
