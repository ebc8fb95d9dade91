#include "bouncer/irc/scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "bouncer/irc/sasl.h"

namespace halley::irc {
namespace {

constexpr std::size_t kDigest = 32;
constexpr std::size_t kMaxNonce = 512, kMaxSalt = 256;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

// Memory that OpenSSL cannot get here ends the process, as it does everywhere else in it.
void must(bool done) {
  if (!done) std::abort();
}

std::string hmac(std::string_view key, std::string_view text) {
  std::string digest(kDigest, '\0');
  must(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes(text), text.size(), bytes(digest),
            nullptr) != nullptr);
  return digest;
}

std::string sha256(std::string_view text) {
  std::string digest(kDigest, '\0');
  must(EVP_Digest(text.data(), text.size(), bytes(digest), nullptr, EVP_sha256(), nullptr) == 1);
  return digest;
}

std::string exclusive_or(std::string a, std::string_view b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
  return a;
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view take_until_comma(std::string_view& rest) {
  const std::size_t comma = rest.find(',');
  const std::string_view taken = rest.substr(0, comma);
  rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  return taken;
}

// The value of the next attribute, which must be `name`.
std::optional<std::string_view> take(std::string_view& rest, char name) {
  if (rest.size() < 2 || rest[0] != name || rest[1] != '=') return std::nullopt;
  return take_until_comma(rest).substr(2);
}

bool is_nonce(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNonce &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != ','; });
}

std::string escape_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ',') {
      out += "=2C";
    } else if (c == '=') {
      out += "=3D";
    } else {
      out += c;
    }
  }
  return out;
}

std::optional<std::string> unescape_name(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text[0] != '=') {
      out += text[0];
      text.remove_prefix(1);
      continue;
    }
    if (!text.starts_with("=2C") && !text.starts_with("=3D")) return std::nullopt;
    out += text[2] == 'C' ? ',' : '=';
    text.remove_prefix(3);
  }
  return out;
}

std::string auth_message(std::string_view first_bare, std::string_view server_first,
                         std::string_view final_bare) {
  std::string message(first_bare);
  message.append(",").append(server_first).append(",").append(final_bare);
  return message;
}

std::unexpected<std::string> refuse(std::string_view why) {
  return std::unexpected(std::string(why));
}

}  // namespace

std::string scram_salted_password(std::string_view password, std::string_view salt, std::uint32_t rounds) {
  std::string salted(kDigest, '\0');
  must(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes(salt),
                         static_cast<int>(salt.size()), static_cast<int>(rounds), EVP_sha256(),
                         static_cast<int>(kDigest), bytes(salted)) == 1);
  return salted;
}

ScramKeys scram_keys(std::string_view salted_password) {
  return {sha256(hmac(salted_password, "Client Key")), hmac(salted_password, "Server Key")};
}

std::string scram_stand_in_salt(std::string_view secret, std::string_view account) {
  return hmac(secret, account).substr(0, 16);
}

ScramClient::ScramClient(std::string_view account, std::string_view nonce)
    : first_bare_("n=" + escape_name(account) + ",r=" + std::string(nonce)), nonce_(nonce) {}

// "n": we know no channel binding, and act for nobody but the account.
std::string ScramClient::first() const {
  return "n,," + first_bare_;
}

std::expected<ScramClient::Challenge, std::string> ScramClient::challenge(std::string_view server_first) {
  std::string_view rest = server_first;
  if (rest.starts_with("e=")) return refuse("the network refused the account");
  if (rest.starts_with("m=")) return refuse("the network wants an extension of SCRAM that is not known here");
  const auto nonce = take(rest, 'r');
  const auto salt_text = take(rest, 's');
  const auto rounds_text = take(rest, 'i');
  if (!nonce || !salt_text || !rounds_text) return refuse("the network's challenge is not SCRAM's");
  // It must go on from ours, or the proof would be for whoever's dialogue it is taken from.
  if (!is_nonce(*nonce) || !nonce->starts_with(nonce_) || nonce->size() == nonce_.size())
    return refuse("the network's challenge is for another login");
  auto salt = base64_decode(*salt_text);
  if (!salt || salt->empty() || salt->size() > kMaxSalt) return refuse("the network's salt cannot be read");
  Challenge found{std::move(*salt), 0};
  const char* const end = rounds_text->data() + rounds_text->size();
  const auto [last, error] = std::from_chars(rounds_text->data(), end, found.rounds);
  if (error != std::errc{} || last != end) return refuse("the network's number of rounds cannot be read");
  if (found.rounds < kLeastScramRounds)
    return refuse("the network asks for so few rounds of hashing that the password could be guessed");
  if (found.rounds > kMostScramRounds) return refuse("the network asks for too many rounds of hashing");
  nonce_ = *nonce;
  server_first_ = server_first;
  return found;
}

std::string ScramClient::answer(std::string_view salted_password) {
  const std::string final_bare = "c=" + base64_encode("n,,") + ",r=" + nonce_;
  const std::string message = auth_message(first_bare_, server_first_, final_bare);
  const std::string client_key = hmac(salted_password, "Client Key");
  const std::string proof = exclusive_or(client_key, hmac(sha256(client_key), message));
  signature_ = hmac(hmac(salted_password, "Server Key"), message);
  return final_bare + ",p=" + base64_encode(proof);
}

std::expected<void, std::string> ScramClient::check(std::string_view server_final) const {
  if (server_final.starts_with("e=")) return refuse("the network refused account or password");
  const auto value = take(server_final, 'v');
  const auto signature = value ? base64_decode(*value) : std::nullopt;
  if (!signature || signature_.empty() || !same_secret(*signature, signature_))
    return refuse("the network does not know the password itself: this may not be the network");
  return {};
}

std::expected<ScramServer, std::string> ScramServer::read_first(std::string_view client_first) {
  ScramServer server;
  std::string_view rest = client_first;
  const std::string_view binding = take_until_comma(rest);
  if (binding.starts_with("p=")) return refuse("channel-binding-not-supported");
  // "y": it could bind, and thinks that we cannot, which is so.
  if (binding != "n" && binding != "y") return refuse("other-error");
  if (client_first.find(',', binding.size() + 1) == std::string_view::npos) return refuse("other-error");
  const std::string_view authzid = take_until_comma(rest);
  server.header_ = client_first.substr(0, client_first.size() - rest.size());
  if (!authzid.empty()) {
    const auto name = authzid.starts_with("a=") ? unescape_name(authzid.substr(2)) : std::nullopt;
    if (!name || name->empty()) return refuse("other-error");
    server.authzid_ = *name;
  }
  server.first_bare_ = rest;
  if (rest.starts_with("m=")) return refuse("extensions-not-supported");
  const auto account = take(rest, 'n');
  const auto nonce = take(rest, 'r');
  if (!account || !nonce || !is_nonce(*nonce)) return refuse("other-error");
  const auto name = unescape_name(*account);
  if (!name || name->empty()) return refuse("invalid-username-encoding");
  server.account_ = *name;
  server.nonce_ = *nonce;
  return server;
}

std::string ScramServer::challenge(std::string_view nonce, std::string_view salt, std::uint32_t rounds) {
  nonce_ += nonce;
  server_first_ = "r=" + nonce_ + ",s=" + base64_encode(salt) + ",i=" + std::to_string(rounds);
  return server_first_;
}

std::expected<std::string, std::string> ScramServer::finish(std::string_view client_final,
                                                            const ScramKeys& keys) const {
  // The proof is last; what stands between nonce and proof are extensions, which may be passed over.
  const std::size_t proof_at = client_final.rfind(",p=");
  if (proof_at == std::string_view::npos) return refuse("other-error");
  const std::string_view final_bare = client_final.substr(0, proof_at);
  const auto proof = base64_decode(client_final.substr(proof_at + 3));
  std::string_view rest = final_bare;
  const auto binding = take(rest, 'c');
  const auto nonce = take(rest, 'r');
  if (!binding || !nonce) return refuse("other-error");
  if (!proof || proof->size() != kDigest) return refuse("invalid-proof");
  if (base64_decode(*binding) != header_) return refuse("channel-bindings-dont-match");
  if (*nonce != nonce_) return refuse("other-error");
  const std::string message = auth_message(first_bare_, server_first_, final_bare);
  const std::string client_key = exclusive_or(*proof, hmac(keys.stored_key, message));
  if (!same_secret(sha256(client_key), keys.stored_key)) return refuse("invalid-proof");
  return "v=" + base64_encode(hmac(keys.server_key, message));
}

}  // namespace halley::irc
