#include "bouncer/accounts/foreign_hash.h"

#include <crypt.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

namespace halley {
namespace {

constexpr std::string_view kZncSha256 = "$znc-sha256$", kZncMd5 = "$znc-md5$";
constexpr std::size_t kBcryptSize = 60, kMaxHashSalt = 256;
constexpr int kMostBcryptCost = 16;  // about four seconds

bool is_bcrypt(std::string_view hash) {
  return hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$");
}

struct Znc {
  const EVP_MD* digest;
  std::string_view salt, hex;
};

std::optional<Znc> parse_znc(std::string_view hash) {
  const bool sha = hash.starts_with(kZncSha256);
  if (!sha && !hash.starts_with(kZncMd5)) return std::nullopt;
  hash.remove_prefix(sha ? kZncSha256.size() : kZncMd5.size());
  const std::size_t end = hash.rfind('$');
  if (end == std::string_view::npos) return std::nullopt;
  return Znc{sha ? EVP_sha256() : EVP_md5(), hash.substr(0, end), hash.substr(end + 1)};
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hex_digest(const EVP_MD* digest, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), bytes.data(), &size, digest, nullptr) != 1) return {};
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", bytes[i]);
  return hex;
}

bool verify_znc(const Znc& znc, std::string_view password) {
  std::string text(password);
  text += znc.salt;
  const std::string hex = hex_digest(znc.digest, text);
  OPENSSL_cleanse(text.data(), text.size());
  std::string wanted(znc.hex);
  std::ranges::transform(wanted, wanted.begin(),
                         [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return !hex.empty() && same(hex, wanted);
}

bool verify_bcrypt(std::string_view hash, std::string_view password) {
  if (password.contains('\0')) return false;  // it would end there
  const auto data = std::make_unique<crypt_data>();
  std::string phrase(password), setting(hash);
  const char* found = ::crypt_rn(phrase.c_str(), setting.c_str(), data.get(), sizeof(crypt_data));
  const bool right = found != nullptr && same(found, setting);
  OPENSSL_cleanse(phrase.data(), phrase.size());
  OPENSSL_cleanse(data.get(), sizeof(crypt_data));
  return right;
}

}  // namespace

bool is_foreign_hash(std::string_view hash) {
  return is_bcrypt(hash) || hash.starts_with(kZncSha256) || hash.starts_with(kZncMd5);
}

std::string check_foreign_hash(std::string_view hash) {
  if (is_bcrypt(hash)) {
    const bool cost = hash.size() == kBcryptSize && hash[6] == '$' && hash[4] >= '0' && hash[4] <= '3' &&
                      hash[5] >= '0' && hash[5] <= '9';
    if (!cost) return "a bcrypt string that is cut off";
    const int rounds = (hash[4] - '0') * 10 + (hash[5] - '0');
    if (rounds < 4 || rounds > kMostBcryptCost)
      return fmt::format("a bcrypt string whose cost is not from 4 to {}", kMostBcryptCost);
    return {};
  }
  const auto znc = parse_znc(hash);
  const std::size_t size = hash.starts_with(kZncSha256) ? 64 : 32;
  if (!znc || znc->hex.size() != size || !is_hex(znc->hex) || znc->salt.size() > kMaxHashSalt)
    return "a hash of ZNC's that is cut off";
  return {};
}

bool verify_foreign(std::string_view hash, std::string_view password) {
  if (!check_foreign_hash(hash).empty()) return false;
  if (is_bcrypt(hash)) return verify_bcrypt(hash, password);
  return verify_znc(*parse_znc(hash), password);
}

}  // namespace halley
