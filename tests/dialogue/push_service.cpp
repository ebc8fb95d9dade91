#include "tests/dialogue/push_service.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "bouncer/push/base64url.h"

namespace halley::dialogue {
namespace {

constexpr std::string_view kHost = "push.example";
constexpr std::string_view kSecret = "sixteen bytes ok";
constexpr std::size_t kSalt = 16, kHead = 86, kTag = 16;

const unsigned char* in(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* out(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

std::string digest(std::string_view key, std::string_view text) {
  std::string made(32, '\0');
  unsigned size = 0;
  REQUIRE(
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), in(text), text.size(), out(made), &size));
  return made;
}

std::size_t length_of(std::string_view head) {
  constexpr std::string_view kName = "Content-Length: ";
  const std::size_t at = head.find(kName);
  REQUIRE(at != std::string_view::npos);
  return static_cast<std::size_t>(std::atoi(head.data() + at + kName.size()));
}

}  // namespace

std::string Pushed::header(std::string_view name) const {
  const std::string wanted = "\r\n" + std::string(name) + ": ";
  const std::size_t at = head.find(wanted);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + wanted.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

PushService::PushService(Scene& scene)
    : scene_(scene), key_(push::P256Key::make(scene.random)), seen_(scene.dialer.count()) {}

std::string PushService::endpoint(int number) {
  return "https://" + std::string(kHost) + "/" + std::to_string(number) + "?x";
}
std::string PushService::p256dh() const {
  return push::base64url_encode(key_.point());
}
std::string PushService::auth() const {
  return push::base64url_encode(kSecret);
}

std::size_t PushService::dialled() const {
  std::size_t count = 0;
  for (std::size_t at = seen_; at < scene_.dialer.count(); ++at)
    count += scene_.dialer.target(at).host == kHost ? 1 : 0;
  return count;
}

std::size_t PushService::take() {
  REQUIRE(scene_.turn_until([this] { return dialled() > 0; }));
  while (scene_.dialer.target(seen_).host != kHost) ++seen_;
  last_ = seen_++;
  return last_;
}

Pushed PushService::next(std::string_view answer) {
  fakes::PipeOptions options;
  options.seed = 7;
  auto peer = scene_.dialer.accept(take(), options);
  std::size_t head_end = 0, all = 0;
  REQUIRE(scene_.turn_until([&] {
    head_end = peer->received().find("\r\n\r\n");
    if (head_end == std::string::npos) return false;
    head_end += 4;
    all = head_end + length_of(peer->received().substr(0, head_end));
    return peer->received().size() >= all;
  }));
  Pushed pushed{.head = peer->received().substr(0, head_end),
                .text = open(peer->received().substr(head_end))};
  peer->send(answer);
  REQUIRE(scene_.turn_until([&] { return peer->closed() || peer->unsent() == 0; }));
  scene_.loop.run_turns();
  answered_.push_back(std::move(peer));
  return pushed;
}

void PushService::hold() {
  held_.push_back(scene_.dialer.accept(take()));
  scene_.loop.run_turns();
}

std::vector<std::string> PushService::texts() {
  std::vector<std::string> all;
  while (!idle()) all.push_back(next().text);
  return all;
}

bool PushService::idle() {
  scene_.loop.run_turns();
  return dialled() == 0;
}

std::string PushService::open(std::string_view body) const {
  using namespace std::string_literals;
  REQUIRE(body.size() > kHead + kTag);
  const std::string_view salt = body.substr(0, kSalt), sender = body.substr(21, 65);
  CHECK(body.substr(kSalt, 5) == "\x00\x00\x10\x00\x41"s);
  const auto shared = key_.shared_secret(sender);
  REQUIRE(shared.has_value());
  const std::string input =
      digest(digest(kSecret, *shared), "WebPush: info\0"s + key_.point() + std::string(sender) + '\x01');
  const std::string prk = digest(salt, input);
  const std::string key = digest(prk, "Content-Encoding: aes128gcm\0\x01"s).substr(0, 16);
  const std::string nonce = digest(prk, "Content-Encoding: nonce\0\x01"s).substr(0, 12);
  const std::string_view sealed = body.substr(kHead, body.size() - kHead - kTag);
  std::string tag(body.substr(body.size() - kTag)), text(sealed.size(), '\0');
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                &EVP_CIPHER_CTX_free);
  int size = 0;
  REQUIRE(EVP_DecryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, in(key), in(nonce)) == 1);
  REQUIRE(EVP_DecryptUpdate(context.get(), out(text), &size, in(sealed), static_cast<int>(sealed.size())) ==
          1);
  REQUIRE(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTag), out(tag)) == 1);
  REQUIRE(EVP_DecryptFinal_ex(context.get(), out(text) + size, &size) == 1);
  REQUIRE(text.back() == '\x02');
  text.pop_back();
  return text;
}

}  // namespace halley::dialogue
