#include "bouncer/accounts/password.h"

#include <argon2.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>

#include "bouncer/accounts/foreign_hash.h"
#include "bouncer/irc/bytes.h"
#include "bouncer/irc/sasl.h"

namespace halley {
namespace {

constexpr std::uint32_t kMostMemoryKib = 256 * 1024, kMostPasses = 20, kMostLanes = 16;
constexpr std::size_t kSaltBytes = 16, kHashBytes = 32;
constexpr std::string_view kQuickVersion = "q1:";

struct Cost {
  argon2_type type = Argon2_id;
  std::uint32_t version = ARGON2_VERSION_13;
  std::uint32_t memory_kib = 0, passes = 0, lanes = 1;
};
constexpr Cost kSlow{.memory_kib = 9 * 1024, .passes = 4, .lanes = 1};
constexpr Cost kQuick{.memory_kib = 256, .passes = 1, .lanes = 1};

struct Encoded {
  Cost cost;
  std::string salt, hash;  // bytes
};

// The allocator would keep megabytes in its arenas for the next hash, which may never come.
int map_memory(std::uint8_t** memory, std::size_t bytes) {
  void* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return ARGON2_MEMORY_ALLOCATION_ERROR;
  *memory = static_cast<std::uint8_t*>(mapped);
  return ARGON2_OK;
}
void unmap_memory(std::uint8_t* memory, std::size_t bytes) {
  ::munmap(memory, bytes);
}

// What is hashed, beside the cost.
struct Hashed {
  std::string_view password, salt;
  std::string_view secret = {}, data = {};  // a key; what the hash is bound to
};

std::uint8_t* bytes_of(std::string_view text) {
  // libargon2 writes to neither: its flags ask for nothing to be wiped.
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

// `bytes` of output; empty when there is no memory for it.
std::string argon2(const Cost& cost, const Hashed& input, std::size_t bytes) {
  std::string out(bytes, '\0');
  argon2_context context{};
  context.out = reinterpret_cast<std::uint8_t*>(out.data());
  context.outlen = static_cast<std::uint32_t>(bytes);
  context.pwd = bytes_of(input.password);
  context.pwdlen = static_cast<std::uint32_t>(input.password.size());
  context.salt = bytes_of(input.salt);
  context.saltlen = static_cast<std::uint32_t>(input.salt.size());
  context.secret = input.secret.empty() ? nullptr : bytes_of(input.secret);
  context.secretlen = static_cast<std::uint32_t>(input.secret.size());
  context.ad = input.data.empty() ? nullptr : bytes_of(input.data);
  context.adlen = static_cast<std::uint32_t>(input.data.size());
  context.t_cost = cost.passes;
  context.m_cost = cost.memory_kib;
  context.lanes = cost.lanes;
  context.threads = 1;
  context.version = cost.version;
  context.allocate_cbk = map_memory;
  context.free_cbk = unmap_memory;
  context.flags = ARGON2_DEFAULT_FLAGS;
  if (argon2_ctx(&context, cost.type) != ARGON2_OK) return {};
  return out;
}

bool same_bytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(std::size_t count, net::Random& random) {
  std::array<unsigned char, kSaltBytes> bytes{};
  random.fill(bytes);
  return {reinterpret_cast<const char*>(bytes.data()), std::min(count, bytes.size())};
}

// As PHC strings have it: without padding.
std::string encode(std::string_view bytes) {
  std::string text = irc::base64_encode(bytes);
  text.erase(std::min(text.find('='), text.size()));
  return text;
}
std::optional<std::string> decode(std::string_view text) {
  std::string padded(text);
  padded.append((4 - padded.size() % 4) % 4, '=');
  return irc::base64_decode(padded);
}

std::string_view key_text(const Sealer::Key& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

// "name=NUMBER" at the front of `text`; takes it off.
std::optional<std::uint32_t> take_number(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// "$argon2id$v=19$m=9216,t=4,p=1$SALT$HASH", as libargon2 and PHC write it.
std::expected<Encoded, std::string> parse_encoded(std::string_view text) {
  Encoded encoded{};
  const std::string_view whole = text;
  const auto starts = [&text](std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
  };
  if (irc::contains(whole, '\0')) return std::unexpected("not an argon2 string");
  if (starts("$argon2id$")) {
    encoded.cost.type = Argon2_id;
  } else if (starts("$argon2i$")) {
    encoded.cost.type = Argon2_i;
  } else if (starts("$argon2d$")) {
    encoded.cost.type = Argon2_d;
  } else {
    return std::unexpected("not an argon2 string: it should begin with $argon2id$");
  }
  encoded.cost.version = ARGON2_VERSION_10;  // what says none, and "v=16"
  if (starts("v=19$")) {
    encoded.cost.version = ARGON2_VERSION_13;
  } else if (text.starts_with("v=") && !starts("v=16$")) {
    return std::unexpected("an unknown argon2 version");
  }
  const auto memory = take_number(text, "m=");
  const auto passes = take_number(text, ",t=");
  const auto lanes = take_number(text, ",p=");
  if (!memory || !passes || !lanes || !starts("$"))
    return std::unexpected("an argon2 string without its m=,t=,p= part");
  encoded.cost.memory_kib = *memory;
  encoded.cost.passes = *passes;
  encoded.cost.lanes = *lanes;
  const std::size_t dollar = std::min(text.find('$'), text.size());
  auto salt = decode(text.substr(0, dollar)), hash = decode(text.substr(std::min(dollar + 1, text.size())));
  if (!salt || salt->size() < 8 || salt->size() > 64 || !hash || hash->size() < 12 || hash->size() > 64)
    return std::unexpected("an argon2 string whose salt or hash is cut off");
  encoded.salt = std::move(*salt);
  encoded.hash = std::move(*hash);
  return encoded;
}

}  // namespace

std::string check_new_password(std::string_view password) {
  if (password.empty()) return "an empty password keeps nobody out; give another";
  if (password.size() > kMostPassword) return fmt::format("a password has at most {} bytes", kMostPassword);
  const auto characters = std::ranges::count_if(password, [](char c) { return (c & 0xc0) != 0x80; });
  if (static_cast<std::size_t>(characters) >= kLeastPassword) return {};
  return fmt::format("a password has at least {} characters; three unrelated words are easy to remember",
                     kLeastPassword);
}

std::string hash_password(std::string_view password, net::Random& random) {
  const std::string salt = random_bytes(kSaltBytes, random);
  const std::string hash = argon2(kSlow, {.password = password, .salt = salt}, kHashBytes);
  if (hash.empty()) std::abort();  // only for lack of 9 MiB
  return fmt::format("$argon2id$v=19$m={},t={},p={}${}${}", kSlow.memory_kib, kSlow.passes, kSlow.lanes,
                     encode(salt), encode(hash));
}

std::string check_password_hash(std::string_view hash) {
  if (is_foreign_hash(hash)) return check_foreign_hash(hash);
  const auto encoded = parse_encoded(hash);
  if (!encoded) return encoded.error();
  const Cost& cost = encoded->cost;
  if (cost.memory_kib > kMostMemoryKib || cost.passes > kMostPasses || cost.lanes > kMostLanes) {
    return fmt::format("an argon2 string that costs too much: at most m={}, t={}, p={}", kMostMemoryKib,
                       kMostPasses, kMostLanes);
  }
  if (cost.lanes < 1 || cost.passes < 1 || cost.memory_kib < 8 * cost.lanes)
    return "an argon2 string with parameters below argon2's own least";
  return {};
}

bool verify_password(std::string_view hash, std::string_view password) {
  if (is_foreign_hash(hash)) return verify_foreign(hash, password);
  if (!check_password_hash(hash).empty()) return false;
  const auto encoded = parse_encoded(hash);
  return same_bytes(
      argon2(encoded->cost, {.password = password, .salt = encoded->salt}, encoded->hash.size()),
      encoded->hash);
}

std::string quick_digest(const Sealer::Key& key, std::string_view hash, std::string_view password,
                         net::Random& random) {
  const std::string salt = random_bytes(kSaltBytes, random);
  const std::string digest =
      argon2(kQuick, {.password = password, .salt = salt, .secret = key_text(key), .data = hash}, kHashBytes);
  if (digest.empty()) std::abort();  // only for lack of 256 KiB
  return std::string(kQuickVersion) + encode(salt + digest);
}

bool verify_quick(const Sealer::Key& key, std::string_view digest, std::string_view hash,
                  std::string_view password) {
  if (!digest.starts_with(kQuickVersion)) return false;
  const auto bytes = decode(digest.substr(kQuickVersion.size()));
  if (!bytes || bytes->size() != kSaltBytes + kHashBytes) return false;
  const std::string_view all = *bytes;
  const Hashed input{
      .password = password, .salt = all.substr(0, kSaltBytes), .secret = key_text(key), .data = hash};
  return same_bytes(argon2(kQuick, input, kHashBytes), all.substr(kSaltBytes));
}

}  // namespace halley
