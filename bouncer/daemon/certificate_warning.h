// What the log says of the certificate that is served, at each start and reload: a browser or client refuses
// one that is over, and nobody tells the operator.
//
// Pure. Any thread.
#pragma once

#include <cstdint>
#include <string>

#include "bouncer/net/tls_certificate.h"

namespace halley {

// Empty: it is valid for two weeks at least. `file` is its name; `now_s` and the facts' times are seconds
// since 1970.
std::string certificate_warning(const net::CertificateFacts& facts, const std::string& file,
                                std::int64_t now_s);

}  // namespace halley
