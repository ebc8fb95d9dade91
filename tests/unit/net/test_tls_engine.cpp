// TlsEngine: two of them back to back, no stream between.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "tests/unit/net/tls_fixture.h"

using namespace halley::net;
using IoResult = TlsEngine::IoResult;

namespace {

// Moves what one engine has to send into the other, in pieces, and lets it shake hands.
IoResult carry(TlsEngine& from, TlsEngine& to, std::size_t piece) {
  const std::string bytes = std::exchange(from.output(), {});
  IoResult status = to.handshake();
  char buffer[64];
  std::size_t size = 0;
  for (std::size_t at = 0; at < bytes.size() && status != IoResult::kFailed; at += piece) {
    to.feed(std::string_view(bytes).substr(at, piece));
    status = to.handshake();
    // Session tickets follow the handshake: no data, but to be read all the same.
    if (status == IoResult::kDone) CHECK(to.read(buffer, size) == IoResult::kNeedInput);
  }
  return status;
}

struct Outcome {
  IoResult client = IoResult::kNeedInput, server = IoResult::kNeedInput;
};

Outcome shake(TlsEngine& client, TlsEngine& server, std::size_t piece = 65536) {
  Outcome outcome;
  for (int flight = 0; flight < 10; ++flight) {
    outcome.client = carry(server, client, piece);
    outcome.server = carry(client, server, piece);
  }
  return outcome;
}

// All that `to` can read of what `from` has to send.
std::string transfer(TlsEngine& from, TlsEngine& to, std::size_t piece = 65536, IoResult* end = nullptr) {
  const std::string bytes = std::exchange(from.output(), {});
  std::string plaintext;
  char buffer[TlsEngine::kMaxPlaintext];
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    to.feed(std::string_view(bytes).substr(at, piece));
    std::size_t size = 0;
    IoResult status = IoResult::kDone;
    while ((status = to.read(buffer, size)) == IoResult::kDone) plaintext.append(buffer, size);
    if (end != nullptr) *end = status;
  }
  return plaintext;
}

}  // namespace

TEST_CASE_METHOD(TlsFixture, "TLS engines shake hands and carry data both ways, in pieces of any size") {
  const std::size_t piece = GENERATE(1U, 7U, 1000U, 65536U);
  TlsEngine client = client_engine(), other = server_engine();
  CHECK_FALSE(client.handshaken());
  const Outcome outcome = shake(client, other, piece);
  INFO(client.error() << " / " << other.error());
  REQUIRE(outcome.client == IoResult::kDone);
  REQUIRE(outcome.server == IoResult::kDone);
  CHECK(client.handshaken());
  CHECK(client.peer_fingerprint() == files.fingerprint);
  CHECK(other.peer_fingerprint().empty());
  REQUIRE(client.write("NICK halley\r\n"));
  CHECK(transfer(client, other, piece) == "NICK halley\r\n");
  const std::string big(100'000, 'x');
  REQUIRE(other.write(big));
  CHECK((transfer(other, client, piece) == big));
}

TEST_CASE_METHOD(TlsFixture, "TLS engines say goodbye") {
  TlsEngine client = client_engine(), other = server_engine();
  REQUIRE(shake(client, other).client == IoResult::kDone);
  REQUIRE(client.write("QUIT"));
  client.shut_down();
  IoResult end = IoResult::kDone;
  CHECK(transfer(client, other, 65536, &end) == "QUIT");
  CHECK(end == IoResult::kEnded);
}

TEST_CASE_METHOD(TlsFixture,
                 "TLS clients refuse what nobody vouches for, another name, and an expired certificate") {
  SECTION("self-signed") {
    TlsEngine client = good(TlsEngine::client(*system, {.host = "irc.example.org"}));
    TlsEngine other = server_engine();
    CHECK(shake(client, other).client == IoResult::kFailed);
    CHECK(client.error() == "its certificate is self-signed, and no authority vouches for it");
    CHECK(client.peer_fingerprint() == files.fingerprint);
    CHECK_FALSE(other.handshaken());
  }
  SECTION("another name") {
    const std::string host = GENERATE("irc.example.com", "192.0.2.1", "org");
    TlsEngine client = client_engine({.host = host}), other = server_engine();
    CHECK(shake(client, other).client == IoResult::kFailed);
    CHECK(client.error() == "its certificate is for another name");
  }
  SECTION("expired") {
    const auto pair = good(make_self_signed("irc.example.org", now - 86400 * 30, 10));
    write_file(dir / "old.pem", pair.certificate);
    write_file(dir / "old.key", pair.key);
    const auto old = good(TlsContext::server(dir / "old.pem", dir / "old.key"));
    const auto trusts_old = good(TlsContext::client(dir / "old.pem"));
    TlsEngine client = good(TlsEngine::client(*trusts_old, {.host = "irc.example.org"}));
    TlsEngine other = TlsEngine::server(*old, false);
    CHECK(shake(client, other).client == IoResult::kFailed);
    CHECK(client.error() == "its certificate has expired");
  }
}

// CN=irc.example.org, subjectAltName=IP:192.0.2.1, valid from 2000 to 2100, signed by itself.
constexpr auto kNamedBySubject =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBZTCCAQugAwIBAgIBATAKBggqhkjOPQQDAjAaMRgwFgYDVQQDDA9pcmMuZXhh\n"
    "bXBsZS5vcmcwIBcNMDAwMTAxMDAwMDAwWhgPMjEwMDAxMDEwMDAwMDBaMBoxGDAW\n"
    "BgNVBAMMD2lyYy5leGFtcGxlLm9yZzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA\n"
    "BJvsg2NpBBdX80F3prvUz09RLGivPdYXoZjTJM9j6MorCTaYw8NryvdxIGiyjhmY\n"
    "xaqzZ+8YDB2oDtytMZIylRejQDA+MAwGA1UdEwEB/wQCMAAwDwYDVR0RBAgwBocE\n"
    "wAACATAdBgNVHQ4EFgQUg3spC2juRxT9GRktUFiSQuCLslIwCgYIKoZIzj0EAwID\n"
    "SAAwRQIhANCJcXA5Gx/817cSlZ66kjAAT8W7F/oxLQEeTF0YM15pAiBd9QtnrhP9\n"
    "ucgiEeN4MEIteAHXiYeSFDdl/KIpwguNdA==\n"
    "-----END CERTIFICATE-----\n";
constexpr auto kNamedBySubjectKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7BDEkco8BOjfAmwY\n"
    "TPOCKmfEBUqlGjiyvKsfKzaKO/+hRANCAASb7INjaQQXV/NBd6a71M9PUSxorz3W\n"
    "F6GY0yTPY+jKKwk2mMPDa8r3cSBoso4ZmMWqs2fvGAwdqA7crTGSMpUX\n"
    "-----END PRIVATE KEY-----\n";

TEST_CASE_METHOD(TlsFixture, "TLS clients take no common name for a host's name") {
  write_file(dir / "cn.pem", kNamedBySubject);
  write_file(dir / "cn.key", kNamedBySubjectKey);
  const auto context = good(TlsContext::server(dir / "cn.pem", dir / "cn.key"));
  const auto trusts = good(TlsContext::client(dir / "cn.pem"));
  const auto [host, error] = GENERATE(table<std::string, std::string>(
      {{"192.0.2.1", ""}, {"irc.example.org", "its certificate is for another name"}}));
  TlsEngine client = good(TlsEngine::client(*trusts, {.host = host}));
  TlsEngine other = TlsEngine::server(*context, false);
  shake(client, other);
  CHECK(client.error() == error);
}

TEST_CASE_METHOD(TlsFixture,
                 "TLS pins decide alone: a match needs no authority, and no match refuses a trusted one") {
  std::string shouted;
  for (std::size_t at = 0; at < files.fingerprint.size(); at += 2) {
    shouted += (at == 0 ? "" : ":") + files.fingerprint.substr(at, 2);
  }
  for (auto& c : shouted) c = static_cast<char>(std::toupper(c));
  const std::string wrong(64, 'a');
  SECTION("match") {
    TlsEngine client =
        good(TlsEngine::client(*system, {.host = "another.example", .pins = {wrong, shouted}}));
    TlsEngine other = server_engine();
    CHECK(shake(client, other).client == IoResult::kDone);
  }
  SECTION("mismatch") {
    TlsEngine client = client_engine({.host = "irc.example.org", .pins = {wrong}}), other = server_engine();
    CHECK(shake(client, other).client == IoResult::kFailed);
    CHECK(client.error() == "its certificate is none of those that are pinned");
    CHECK(client.peer_fingerprint() == files.fingerprint);
  }
  SECTION("unreadable") {
    const auto client = TlsEngine::client(*system, {.host = "irc.example.org", .pins = {"12:34"}});
    REQUIRE_FALSE(client);
    CHECK(client.error().find("\"12:34\" is no fingerprint") == 0);
    // Those of networks are compared by SHA-256 alone.
    CHECK_FALSE(TlsEngine::client(*system, {.host = "irc.example.org", .pins = {std::string(128, 'a')}}));
  }
}

TEST_CASE_METHOD(TlsFixture,
                 "TLS servers learn the fingerprint of a client's certificate when they ask for it") {
  const auto own = good(make_self_signed("halley", now));
  const TlsClientSettings settings{
      .host = "irc.example.org", .certificate_pem = own.certificate, .certificate_key_pem = own.key};
  const bool ask = GENERATE(true, false);
  TlsEngine client = client_engine(settings), other = server_engine(ask);
  const Outcome outcome = shake(client, other);
  CHECK(outcome.client == IoResult::kDone);
  REQUIRE(outcome.server == IoResult::kDone);
  CHECK(other.peer_fingerprint() == (ask ? good(pem_fingerprint(own.certificate)) : ""));
  CHECK(other.peer_sha512() == (ask ? sha512_of_pem(own.certificate) : ""));
  std::ifstream served(files.certificate);
  CHECK(client.peer_sha512() == sha512_of_pem({std::istreambuf_iterator<char>(served), {}}));

  TlsEngine bare = client_engine(), asking = server_engine(true);
  CHECK(shake(bare, asking).server == IoResult::kDone);
  CHECK(asking.peer_fingerprint().empty());
  CHECK(asking.peer_sha512().empty());
}

TEST_CASE_METHOD(TlsFixture, "TLS clients with a broken certificate of their own are refused at once") {
  const auto one = good(make_self_signed("one", now)), two = good(make_self_signed("two", now));
  CHECK_FALSE(TlsEngine::client(
      *system, {.host = "h", .certificate_pem = one.certificate, .certificate_key_pem = two.key}));
  CHECK_FALSE(TlsEngine::client(*system,
                                {.host = "h", .certificate_pem = "rubbish", .certificate_key_pem = one.key}));
  CHECK_FALSE(TlsEngine::client(*system, {.host = "", .certificate_pem = one.certificate}));
}

TEST_CASE_METHOD(TlsFixture, "TLS engines fail clearly on what is not TLS") {
  TlsEngine other = server_engine(), client = client_engine();
  other.feed("NICK halley\r\nUSER halley 0 * :Halley\r\n");
  CHECK(other.handshake() == IoResult::kFailed);
  CHECK(other.error() == "the other side does not speak TLS there");
  CHECK(client.handshake() == IoResult::kNeedInput);
  client.feed(":irc.example.org NOTICE * :*** Looking up your hostname\r\n");
  CHECK(client.handshake() == IoResult::kFailed);
  CHECK(client.error() == "the other side does not speak TLS there");
}

TEST_CASE_METHOD(TlsFixture, "TLS engines notice bytes that were changed on the way") {
  TlsEngine client = client_engine(), other = server_engine();
  REQUIRE(shake(client, other).client == IoResult::kDone);
  REQUIRE(client.write("PRIVMSG #c :hello"));
  client.output().back() = static_cast<char>(client.output().back() ^ 1);
  IoResult end = IoResult::kDone;
  CHECK(transfer(client, other, 65536, &end).empty());
  CHECK(end == IoResult::kFailed);
  CHECK_FALSE(other.error().empty());
}

TEST_CASE_METHOD(TlsFixture,
                 "TLS contexts explain files they cannot use, and keep the old ones on a bad reload") {
  CHECK(TlsContext::server(dir / "none.pem", files.key)
            .error()
            .find("cannot read " + (dir / "none.pem").string()) == 0);
  write_file(dir / "rubbish.pem", "rubbish");
  CHECK(TlsContext::server(dir / "rubbish.pem", files.key).error().find("holds no usable certificate") !=
        std::string::npos);
  const auto stranger = good(make_self_signed("stranger", now));
  write_file(dir / "stranger.key", stranger.key);
  CHECK(TlsContext::server(files.certificate, dir / "stranger.key")
            .error()
            .find("holds no usable private key") != std::string::npos);
  CHECK_FALSE(TlsContext::client(dir / "none.pem"));

  CHECK(server->fingerprint() == files.fingerprint);
  const auto next = good(make_self_signed("irc.example.org", now));
  const auto old_pem = good(pem_fingerprint(next.certificate));
  write_file(files.certificate, "rubbish");
  CHECK_FALSE(server->reload());
  CHECK(server->fingerprint() == files.fingerprint);
  TlsEngine client = client_engine(), before = server_engine();
  write_file(files.certificate, next.certificate);
  write_file(files.key, next.key);
  REQUIRE(server->reload());
  CHECK(server->fingerprint() == old_pem);
  CHECK(shake(client, before).client ==
        IoResult::kDone);  // made before the reload, shows the certificate of then
  TlsEngine pinned = good(TlsEngine::client(*system, {.host = "x", .pins = {old_pem}})),
            after = server_engine();
  CHECK(shake(pinned, after).client == IoResult::kDone);
}

TEST_CASE("A self-signed pair is made once, for our eyes only, and half a pair is refused") {
  const halley::fakes::TempDirectory dir;
  const auto first = good(ensure_self_signed(dir.path(), "irc.example.org", 1'700'000'000));
  CHECK(first.made);
  CHECK(first.fingerprint.size() == 64);
  struct stat status {};
  REQUIRE(stat(first.key.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  const auto second = good(ensure_self_signed(dir.path(), "irc.example.org", 1'800'000'000));
  CHECK_FALSE(second.made);
  CHECK(second.fingerprint == first.fingerprint);
  std::filesystem::remove(first.key);
  CHECK(ensure_self_signed(dir.path(), "x", 0).error().find("is not. Restore it") != std::string::npos);
  std::filesystem::remove(first.certificate);
  write_file(first.key, "left by a crash");
  CHECK(good(ensure_self_signed(dir.path(), "192.0.2.7", 1'700'000'000)).made);
  CHECK_FALSE(ensure_self_signed(dir / "nowhere", "x", 0));
}

TEST_CASE("Fingerprints are read as people write them") {
  const std::string plain(64, 'b');
  CHECK(normal_fingerprint(plain) == plain);
  CHECK(normal_fingerprint(std::string(64, 'B')) == plain);
  CHECK(normal_fingerprint("bb:bB bb" + std::string(58, 'b')) == plain);
  const std::string sha512(128, 'b');
  CHECK(normal_fingerprint(sha512) == sha512);
  CHECK(normal_fingerprint("BB:" + std::string(126, 'B')) == sha512);
  CHECK(normal_fingerprint(plain + "b").empty());
  CHECK(normal_fingerprint(sha512 + "b").empty());
  CHECK(normal_fingerprint(std::string(64, 'g')).empty());
}
