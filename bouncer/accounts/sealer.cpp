#include "bouncer/accounts/sealer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
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

unsigned char* bytes_from(std::string& text, std::size_t at = 0) {
  return reinterpret_cast<unsigned char*>(text.data()) + at;
}
const unsigned char* bytes_from(std::string_view text, std::size_t at = 0) {
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

// What is renamed into a folder outlives a power cut only when the folder is synced too.
bool sync_folder(const std::filesystem::path& folder) {
  const File opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened.fd() >= 0 && ::fsync(opened.fd()) == 0;
}

// Under another name first: whenever this is interrupted, the key file is whole or not there.
std::expected<void, std::string> write_key(const std::filesystem::path& file, const Sealer::Key& key) {
  const std::filesystem::path fresh = file.string() + ".new";
  const auto failed = [&] {
    const int error = errno;
    ::unlink(fresh.c_str());
    return std::unexpected(
        fmt::format("cannot make the key file {}: {}", file.string(), std::strerror(error)));
  };
  ::unlink(fresh.c_str());  // of a start that was interrupted; the lock on the data says that it is nobody's
  const File out(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (out.fd() < 0) return failed();
  if (::write(out.fd(), key.data(), key.size()) != static_cast<ssize_t>(key.size())) return failed();
  if (::fsync(out.fd()) != 0 || ::rename(fresh.c_str(), file.c_str()) != 0) return failed();
  if (!sync_folder(file.parent_path())) return failed();
  return {};
}

// False: it is empty. A start of an earlier Halley was interrupted; nothing can have been sealed.
std::expected<bool, std::string> read_key(int fd, const std::filesystem::path& file, Sealer::Key& key) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) {
    return std::unexpected(fmt::format("cannot look at {}: {}", file.string(), std::strerror(errno)));
  }
  if ((info.st_mode & 077) != 0) {
    return std::unexpected(
        fmt::format("the key file {0} can be read by others; say: chmod 600 {0}", file.string()));
  }
  if (info.st_size == 0) return false;
  if (info.st_size != static_cast<off_t>(key.size()) ||
      ::read(fd, key.data(), key.size()) != static_cast<ssize_t>(key.size())) {
    return std::unexpected(
        fmt::format("{} is no key file of Halley's ({} bytes, not {}); restore it from a backup, or move "
                    "it away and give the networks' passwords again",
                    file.string(), info.st_size, key.size()));
  }
  return true;
}

}  // namespace

std::expected<Sealer, std::string> Sealer::open(const std::filesystem::path& file, net::Random& random) {
  Key key{};
  const File in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.fd() < 0 && errno != ENOENT) {
    return std::unexpected(
        fmt::format("cannot read the key file {}: {}", file.string(), std::strerror(errno)));
  }
  std::expected<bool, std::string> there = false;
  if (in.fd() >= 0) there = read_key(in.fd(), file, key);
  if (!there) return std::unexpected(there.error());
  if (!*there) {
    random.fill(key);
    if (const auto made = write_key(file, key); !made) return std::unexpected(made.error());
  }
  Sealer sealer(key, random);
  OPENSSL_cleanse(key.data(), key.size());
  return sealer;
}

Sealer::Key Sealer::derive(std::string_view purpose) const {
  Key out{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), bytes_from(purpose), purpose.size(),
           out.data(), &size) == nullptr) {
    std::abort();
  }
  return out;
}

std::string Sealer::seal(std::string_view purpose, std::string_view secret) const {
  if (secret.empty()) return {};
  std::string box(kNonce + secret.size() + kTag, '\0');
  random_.fill(std::span(bytes_from(box), kNonce));
  const Context context = new_context();
  int size = 0;
  const bool sealed =
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.data(), bytes_from(box)) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_from(purpose),
                        static_cast<int>(purpose.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), bytes_from(box, kNonce), &size, bytes_from(secret),
                        static_cast<int>(secret.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), bytes_from(box, kNonce) + size, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTag),
                          bytes_from(box, kNonce + secret.size())) == 1;
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
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.data(), bytes_from(*box)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, bytes_from(purpose),
                        static_cast<int>(purpose.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), bytes_from(secret), &size, bytes_from(*box, kNonce),
                        static_cast<int>(length)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTag),
                          bytes_from(*box, kNonce + length)) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes_from(secret) + length, &size) == 1;
  if (!opened) {
    OPENSSL_cleanse(secret.data(), secret.size());
    return refuse();
  }
  return secret;
}

}  // namespace halley
