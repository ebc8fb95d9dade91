// What a browser says of a passkey, read and verified: that one was made, and that whoever has it is there.
// Source: Web Authentication Level 2 (https://www.w3.org/TR/webauthn-2/), sections 5.8.1 (client data), 6.1
// (authenticator data), 7.1 and 7.2 (what is verified). The browser gives the public key as a
// SubjectPublicKeyInfo (section 5.2.1.1), so that no CBOR is read here; no attestation is asked for.
//
// Pure; any thread. Byte strings are bytes, not text. Errors say what is wrong, in a sentence's end for a
// person: "it was made for another site".
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace halley {

inline constexpr std::size_t kMostClientData = 2048;         // bytes, as are the next
inline constexpr std::size_t kMostAuthenticatorData = 2048;  // with an id, a key, extensions
inline constexpr std::size_t kMostCredentialId = 1023;       // WebAuthn's own
inline constexpr std::size_t kMostPublicKey = 600;           // RSA of 4096 bits has 550
inline constexpr std::size_t kMostSignature = 512;           // likewise

// Algorithms by COSE's numbers (RFC 8152, RFC 8812), the best first.
enum class CoseAlgorithm : std::int32_t { kEs256 = -7, kEdDsa = -8, kRs256 = -257 };

// What was asked, and of whom the answer is to be.
struct WebAuthnQuestion {
  enum class What { kCreate, kGet } what = What::kGet;
  std::string challenge;  // in base64url, as it stands in the answer
  std::string origin;     // of the page that asked: "https://chat.example.org"
  std::string host;       // the RP ID: that page's host
};

struct AuthenticatorData {
  std::uint32_t counter = 0;            // of signatures; 0: the device does not count
  std::string_view credential_id = {};  // of a new one; empty: none
};
// Of what kind and by which page an answer was asked for, and with the user verified (by a PIN, a finger, a
// face) at the device. The view is of `authenticator_data`.
std::expected<AuthenticatorData, std::string> check_answer(const WebAuthnQuestion& question,
                                                           std::string_view client_data,
                                                           std::string_view authenticator_data);
// The challenge that the answer says it is for; empty: it says none.
std::string challenge_of(std::string_view client_data);

// Why the key is not taken; empty: it is a key of that algorithm and no weak one.
std::string check_public_key(std::int32_t algorithm, std::string_view public_key);
// The signature over the authenticator data and the hash of the client data.
// REQUIRES: check_public_key() took the key. Costs a tenth of a millisecond.
bool is_signed(std::int32_t algorithm, std::string_view public_key, std::string_view authenticator_data,
               std::string_view client_data, std::string_view signature);

}  // namespace halley
