#include "bouncer/accounts/sealer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "bouncer/irc/sasl.h"

namespace halley {
namespace {

constexpr std::size_t kNonce = 12, kTag = 16;  // NIST SP 800-38D: 96-bit nonces, full tags
constexpr std::string_view kVersion = "v1:";

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Context new_context() {
  Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  if (!context) std::abort();
  return context;
}

unsigned char* bytes_of(std::string& text, std::size_t at = 0) {
  return reinterpret_cast<unsigned char*>(text.data()) + at;
}
const unsigned char* bytes_of(std::string_view text, std::size_t at = 0) {
  return reinterpret_cast<const unsigned char*>(text.data()) + at;
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::expected<void, std::string> write_key(const std::filesystem::path& file, const Sealer::Key& key) {
  const File out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (out.fd() < 0) {
    return std::unexpected(
        fmt::format("cannot make the key file {}: {}", file.string(), std::strerror(errno)));
  }
  const bool written = ::write(out.fd(), key.data(), key.size()) == static_cast<ssize_t>(key.size());
  if (!written || ::fsync(out.fd()) != 0) {
    const int error = errno;
    ::unlink(file.c_str());
    return std::unexpected(
        fmt::format("cannot write the key file {}: {}", file.string(), std::strerror(error)));
  }
  return {};
}

std::expected<void, std::string> read_key(int fd, const std::filesystem::path& file, Sealer::Key& key) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) {
    return std::unexpected(fmt::format("cannot look at {}: {}", file.string(), std::strerror(errno)));
  }
  if ((info.st_mode & 077) != 0) {
    return std::unexpected(
        fmt::format("the key file {0} can be read by others; say: chmod 600 {0}", file.string()));
  }
  if (info.st_size != static_cast<off_t>(key.size()) ||
      ::read(fd, key.data(), key.size()) != static_cast<ssize_t>(key.size())) {
    return std::unexpected(
        fmt::format("{} is no key file of Halley's ({} bytes, not {}); restore it from a backup, or move "
                    "it away and give the networks' passwords again",
                    file.string(), info.st_size, key.size()));
  }
  return {};
}

}  // namespace

std::expected<Sealer, std::string> Sealer::open(const std::filesystem::path& file, net::Random& random) {
  Key key{};
  const File in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  std::expected<void, std::string> done;
  if (in.fd() >= 0) {
    done = read_key(in.fd(), file, key);
  } else if (errno == ENOENT) {
    random.fill(key);
    done = write_key(file, key);
  } else {
    done =
        std::unexpected(fmt::format("cannot read the key file {}: {}", file.string(), std::strerror(errno)));
  }
  if (!done) return std::unexpected(done.error());
  Sealer sealer(key, random);
  OPENSSL_cleanse(key.data(), key.size());
  return sealer;
}

std::string Sealer::seal(std::string_view purpose, std::string_view secret) const {
  if (secret.empty()) return {};
  std::string box(kNonce + secret.size() + kTag, '\0');
  random_.fill(std::span(bytes_of(box), kNonce));
  const Context context = new_context();
  int size = 0;
  const bool sealed =
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.data(), bytes_of(box)) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_of(purpose), static_cast<int>(purpose.size())) ==
          1 &&
      EVP_EncryptUpdate(context.get(), bytes_of(box, kNonce), &size, bytes_of(secret),
                        static_cast<int>(secret.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), bytes_of(box, kNonce) + size, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTag),
                          bytes_of(box, kNonce + secret.size())) == 1;
  if (!sealed) std::abort();  // out of memory, or an OpenSSL without AES
  return std::string(kVersion) + irc::base64_encode(box);
}

std::expected<std::string, std::string> Sealer::unseal(std::string_view purpose,
                                                       std::string_view sealed) const {
  if (sealed.empty()) return std::string();
  const auto refuse = [] {
    return std::unexpected(
        std::string("a stored secret cannot be opened with this key file; restore halley.key from a backup, "
                    "or give the secret again"));
  };
  if (!sealed.starts_with(kVersion)) return refuse();
  std::optional<std::string> box = irc::base64_decode(sealed.substr(kVersion.size()));
  if (!box || box->size() <= kNonce + kTag) return refuse();
  const std::size_t length = box->size() - kNonce - kTag;
  std::string secret(length, '\0');
  const Context context = new_context();
  int size = 0;
  const bool opened =
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.data(), bytes_of(*box)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, bytes_of(purpose), static_cast<int>(purpose.size())) ==
          1 &&
      EVP_DecryptUpdate(context.get(), bytes_of(secret), &size, bytes_of(*box, kNonce),
                        static_cast<int>(length)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTag),
                          bytes_of(*box, kNonce + length)) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes_of(secret) + length, &size) == 1;
  if (!opened) {
    OPENSSL_cleanse(secret.data(), secret.size());
    return refuse();
  }
  return secret;
}

}  // namespace halley
