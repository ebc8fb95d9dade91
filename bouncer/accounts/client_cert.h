// Checks what a user brings as a client certificate for SASL EXTERNAL. Pure; any thread.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace halley {

// SHA-256 of the certificate in `pem`, lower-case hex. The error says what is wrong with the text: no
// certificate, no key, or a key that does not belong to it.
std::expected<std::string, std::string> client_cert_fingerprint(std::string_view pem);

}  // namespace halley
