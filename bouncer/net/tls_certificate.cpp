#include "bouncer/net/tls_certificate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>

#include "bouncer/net/address.h"

namespace halley::net {

namespace {

template <auto Free>
struct FreedBy {
  void operator()(auto* object) const { Free(object); }
};
using Certificate = std::unique_ptr<X509, FreedBy<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, FreedBy<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, FreedBy<X509_EXTENSION_free>>;

constexpr std::int64_t kHour = 3600, kDay = 24 * kHour;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// A name with characters that the extension's own syntax uses goes into the subject only.
bool fits_extension(const std::string& name) {
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-' && c != ':' && c != '_')
      return false;
  }
  return !name.empty();
}

bool describe(X509* certificate, const std::string& name, std::int64_t now, int days) {
  unsigned char serial[16];
  if (RAND_bytes(serial, sizeof serial) != 1) return false;
  serial[0] &= 0x7f;  // positive
  BIGNUM* const number = BN_bin2bn(serial, sizeof serial, nullptr);
  const bool numbered =
      number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  X509_NAME* const subject = X509_get_subject_name(certificate);
  const auto* const common = reinterpret_cast<const unsigned char*>(name.c_str());
  const bool address = Address::numeric(name, 0).valid();
  return numbered && X509_set_version(certificate, X509_VERSION_3) == 1 &&
         ASN1_TIME_set(X509_getm_notBefore(certificate), now - kHour) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), now + days * kDay) != nullptr &&
         // RFC 5280 allows a common name of 64 characters; the alternative name holds all of it.
         X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, common,
                                    static_cast<int>(std::min<std::size_t>(name.size(), 64)), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1 &&
         add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         (!fits_extension(name) ||
          add_extension(certificate, NID_subject_alt_name, (address ? "IP:" : "DNS:") + name));
}

std::string hex(const unsigned char* bytes, std::size_t size) {
  std::string text;
  for (std::size_t at = 0; at < size; ++at) text += fmt::format("{:02x}", bytes[at]);
  return text;
}

std::expected<std::string, std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Readable by us alone from the first moment; an existing file is not touched.
std::expected<void, std::string> write_new_file(const std::string& path, const std::string& content) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return std::unexpected(fmt::format("cannot create {}: {}", path, std::strerror(errno)));
  const ssize_t written = write(descriptor, content.data(), content.size());
  const bool good = written == static_cast<ssize_t>(content.size()) && fsync(descriptor) == 0;
  const int error = errno;
  close(descriptor);
  if (good) return {};
  unlink(path.c_str());
  return std::unexpected(fmt::format("cannot write {}: {}", path, std::strerror(error)));
}

bool exists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

}  // namespace

std::expected<PemPair, std::string> make_self_signed(const std::string& name, std::int64_t now, int days) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  const Bio certificate_text(BIO_new(BIO_s_mem())), key_text(BIO_new(BIO_s_mem()));
  if (!key || !certificate || !certificate_text || !key_text ||
      !describe(certificate.get(), name, now, days) || X509_set_pubkey(certificate.get(), key.get()) != 1 ||
      X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0 ||
      PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
      PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return std::unexpected(fmt::format("cannot make a certificate for \"{}\": use a plain host name", name));
  }
  return PemPair{text_of(certificate_text.get()), text_of(key_text.get())};
}

std::expected<CertificateFiles, std::string> ensure_self_signed(const std::string& directory,
                                                                const std::string& hostname,
                                                                std::int64_t now) {
  CertificateFiles files{
      .certificate = directory + "/tls-cert.pem", .key = directory + "/tls-key.pem", .fingerprint = {}};
  const bool have_certificate = exists(files.certificate), have_key = exists(files.key);
  if (have_certificate && !have_key) {
    return std::unexpected(
        fmt::format("{} is there but {} is not. Restore it, or remove the other for a new pair.",
                    files.certificate, files.key));
  }
  if (!have_certificate) {
    const auto pair = make_self_signed(hostname, now);
    if (!pair) return std::unexpected(pair.error());
    // A key without a certificate is what a crash between these two leaves: nobody has seen it, so it is made
    // anew.
    if (have_key) unlink(files.key.c_str());
    const auto key_written = write_new_file(files.key, pair->key);
    if (!key_written) return std::unexpected(key_written.error());
    const auto certificate_written = write_new_file(files.certificate, pair->certificate);
    if (!certificate_written) return std::unexpected(certificate_written.error());
    files.made = true;
  }
  const auto pem = read_file(files.certificate);
  if (!pem) return std::unexpected(pem.error());
  const auto fingerprint = pem_fingerprint(*pem);
  if (!fingerprint) return std::unexpected(fmt::format("{}: {}", files.certificate, fingerprint.error()));
  files.fingerprint = *fingerprint;
  return files;
}

std::expected<std::string, std::string> pem_fingerprint(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Certificate certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (!certificate || X509_digest(certificate.get(), EVP_sha256(), digest, &size) != 1) {
    return std::unexpected("this is no certificate in PEM form");
  }
  return hex(digest, size);
}

std::expected<CertificateFacts, std::string> certificate_facts(const std::string& pem) {
  const auto seconds = [](const ASN1_TIME* time) {
    std::tm parts{};
    return ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<std::int64_t>(::timegm(&parts)) : 0;
  };
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  CertificateFacts facts;
  Certificate before;
  while (bio) {
    Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    if (facts.count++ == 0) {
      facts.from_s = seconds(X509_get0_notBefore(certificate.get()));
      facts.until_s = seconds(X509_get0_notAfter(certificate.get()));
      facts.self_signed = X509_NAME_cmp(X509_get_subject_name(certificate.get()),
                                        X509_get_issuer_name(certificate.get())) == 0;
    } else if (X509_check_issued(certificate.get(), before.get()) != X509_V_OK) {
      facts.linked = false;
    }
    before = std::move(certificate);
  }
  ERR_clear_error();  // the end of the file
  if (facts.count == 0) return std::unexpected("this is no certificate in PEM form");
  return facts;
}

std::string normal_fingerprint(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c == ':' || c == ' ') continue;
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return {};
    digits += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return digits.size() == kSha256Digits || digits.size() == kSha512Digits ? digits : std::string();
}

}  // namespace halley::net
