#include "bouncer/push/encryption.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <memory>

namespace halley::push {
namespace {

constexpr std::size_t kTagBytes = 16;
constexpr char kLastRecord = 2;  // RFC 8188 section 2: the delimiter of the last record

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* raw(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

std::string hmac(std::string_view key, std::string_view text) {
  std::string out(32, '\0');
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), raw(text), text.size(), raw(out), &size) ==
      nullptr)
    std::abort();
  return out;
}

// HKDF-Expand (RFC 5869 section 2.3) for up to 32 bytes: one step of it.
std::string expand(std::string_view key, std::string info) {
  info += '\x01';
  return hmac(key, info);
}

}  // namespace

RecordKeys record_keys(const Salt& salt, std::string_view input_key) {
  using namespace std::string_literals;
  std::string key = hmac({reinterpret_cast<const char*>(salt.data()), salt.size()}, input_key);
  RecordKeys keys{};
  std::string content = expand(key, "Content-Encoding: aes128gcm\0"s);
  const std::string nonce = expand(key, "Content-Encoding: nonce\0"s);
  std::copy_n(content.begin(), keys.key.size(), keys.key.begin());
  std::copy_n(nonce.begin(), keys.nonce.size(), keys.nonce.begin());
  OPENSSL_cleanse(key.data(), key.size());
  OPENSSL_cleanse(content.data(), content.size());
  return keys;
}

std::string seal_record(const RecordKeys& keys, std::string_view text) {
  const std::string plain = std::string(text) + kLastRecord;
  std::string sealed(plain.size() + kTagBytes, '\0');
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                &EVP_CIPHER_CTX_free);
  int size = 0;
  const bool done =
      context &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, keys.key.data(), keys.nonce.data()) ==
          1 &&
      EVP_EncryptUpdate(context.get(), raw(sealed), &size, raw(plain), static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), raw(sealed) + size, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTagBytes),
                          raw(sealed) + plain.size()) == 1;
  if (!done) std::abort();  // out of memory, or an OpenSSL without AES
  return sealed;
}

std::optional<std::string> encrypt(std::string_view text, const Receiver& receiver, const P256Key& sender,
                                   const Salt& salt) {
  using namespace std::string_literals;
  assert(text.size() <= kMaxPushText);
  auto secret = sender.shared_secret(receiver.point);
  if (!secret) return std::nullopt;
  std::string key = hmac(receiver.auth, *secret);
  std::string info = "WebPush: info\0"s;
  (info += receiver.point) += sender.point();
  std::string input = expand(key, std::move(info));
  const RecordKeys keys = record_keys(salt, input);
  for (std::string* spent : {&*secret, &key, &input}) OPENSSL_cleanse(spent->data(), spent->size());
  std::string body(salt.begin(), salt.end());
  body += "\x00\x00\x10\x00"s;  // the size of a record: kMaxPushBody
  body += static_cast<char>(sender.point().size());
  body += sender.point();
  return body + seal_record(keys, text);
}

}  // namespace halley::push
