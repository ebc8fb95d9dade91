// Logging in to an account of the network, before registration ends, and again when it offers that anew.
// Source: https://ircv3.net/specs/extensions/sasl-3.2
#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "bouncer/irc/casemapping.h"
#include "bouncer/irc/numerics.h"
#include "bouncer/irc/saslprep.h"
#include "bouncer/irc/scram.h"
#include "bouncer/upstream/handlers.h"
#include "bouncer/upstream/sasl_refusal.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

using irc::Message;
using Sasl = Upstream::Sasl;

constexpr std::string_view kScram = "SCRAM-SHA-256";

// Is `mechanism` among "PLAIN,EXTERNAL"? Networks write them in either case; none named: all may be there.
bool offers(std::string_view list, std::string_view mechanism) {
  if (list.empty()) return true;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (irc::equal(irc::CaseMapping::kAscii, list.substr(0, comma), mechanism)) return true;
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return false;
}

void send_payload(Upstream& up, std::string_view payload) {
  up.registration().sasl = Sasl::kProving;
  for (const std::string& chunk : irc::sasl_chunks(payload)) up.send_now("AUTHENTICATE " + chunk);
}

// Nothing: it was refused, and that was told.
std::optional<std::string> own_password(Upstream& up) {
  auto password = up.unseal(seal_purpose::kSaslPassword, up.network().row().sealed_sasl_password);
  if (password) return std::move(*password);
  sasl_refused(up, password.error());
  return std::nullopt;
}

void plain(Upstream& up, std::string_view) {
  if (const auto password = own_password(up))
    send_payload(up, irc::format_plain(up.network().row().sasl_account, *password));
}

void external(Upstream& up, std::string_view) {
  send_payload(up, up.network().row().sasl_account);
}

// The answer to the network's challenge, which takes long to make: on a worker's thread.
void answer_challenge(Upstream& up, const irc::ScramClient::Challenge& challenge) {
  const auto password = own_password(up);
  if (!password) return;
  struct Job {
    std::string password, salt, salted;
    std::uint32_t rounds;
  };
  auto job = std::make_shared<Job>(Job{.password = irc::saslprep(*password).value_or(*password),
                                       .salt = challenge.salt,
                                       .salted = {},
                                       .rounds = challenge.rounds});
  const bool taken =
      up.work([job] { job->salted = irc::scram_salted_password(job->password, job->salt, job->rounds); },
              [&up, job] {
                auto& scram = up.registration().scram;
                if (scram) send_payload(up, scram->answer(job->salted));
              });
  // Of the last link's, as a rule, which ended before it came to its turn.
  if (!taken) up.fail("the last proof of the password is still being worked out", false);
}

void scram(Upstream& up, std::string_view payload) {
  Upstream::Registration& reg = up.registration();
  if (!reg.scram) {
    unsigned char bytes[18];
    up.random().fill(bytes);
    const std::string nonce = irc::base64_encode({reinterpret_cast<const char*>(bytes), sizeof bytes});
    const std::string& account = up.network().row().sasl_account;
    reg.scram = std::make_unique<irc::ScramClient>(irc::saslprep(account).value_or(account), nonce);
    reg.scram_step = Upstream::ScramStep::kFirst;
    send_payload(up, reg.scram->first());
  } else if (reg.scram_step == Upstream::ScramStep::kFirst) {
    const auto challenge = reg.scram->challenge(payload);
    if (!challenge) {
      sasl_refused(up, challenge.error());
      return;
    }
    reg.scram_step = Upstream::ScramStep::kAnswered;
    answer_challenge(up, *challenge);
  } else if (reg.scram_step == Upstream::ScramStep::kAnswered) {
    const auto good = reg.scram->check(payload);
    if (!good) {
      sasl_refused(up, good.error());
      return;
    }
    reg.scram_step = Upstream::ScramStep::kChecked;
    send_payload(up, {});
  }
}

struct Mechanism {
  std::string_view name;
  void (*answer)(Upstream& up, std::string_view payload);
};
constexpr std::array kMechanisms = {Mechanism{"PLAIN", plain}, Mechanism{"EXTERNAL", external},
                                    Mechanism{kScram, scram}};

void on_authenticate(Upstream& up, const Message& m) {
  Upstream::Registration& reg = up.registration();
  const std::string& mechanism = up.network().row().sasl_mechanism;
  if (reg.sasl != Sasl::kAsked && (reg.sasl != Sasl::kProving || mechanism != kScram)) return;
  if (!reg.sasl_reader) reg.sasl_reader = std::make_unique<irc::SaslReader>();
  const auto read = reg.sasl_reader->feed(m.param(0));
  if (read == irc::SaslReader::Result::kMore) return;
  const std::string payload = reg.sasl_reader->payload();
  reg.sasl_reader.reset();
  if (read == irc::SaslReader::Result::kInvalid) {
    sasl_refused(up, "what the network sent cannot be read");
    return;
  }
  for (const Mechanism& known : kMechanisms) {
    if (known.name != mechanism) continue;
    known.answer(up, payload);
    return;
  }
}

// Asked for by Halley while it registers; later by whoever identified to services: then clients hear of it.
void on_logged_in(Upstream& up, const Message& m) {
  up.state().account = irc::clip_utf8(m.param(2), NetworkState::kMaxOwnName);
  if (up.link() != Link::kConnected) return;
  up.pass(m);
  up.wanted_channels().identified();
}

void on_logged_out(Upstream& up, const Message& m) {
  up.state().account.clear();
  if (up.link() == Link::kConnected) up.pass(m);
}

void on_sasl_success(Upstream& up, const Message& m) {
  Upstream::Registration& reg = up.registration();
  if (reg.sasl == Sasl::kNotYet || reg.sasl == Sasl::kDone) {
    if (up.link() == Link::kConnected) up.route(m);
    return;
  }
  // Whoever does not know the password cannot have been told by it who we are.
  if (up.network().row().sasl_mechanism == kScram && reg.scram_step != Upstream::ScramStep::kChecked &&
      m.command == irc::kRplSaslSuccess) {
    sasl_refused(up, "the network did not prove that it knows the password");
    return;
  }
  reg.sasl = Sasl::kDone;
  reg.scram.reset();
  end_caps(up);
}

void on_sasl_failure(Upstream& up, const Message& m) {
  Upstream::Registration& reg = up.registration();
  const bool ours = reg.sasl == Sasl::kAsked || reg.sasl == Sasl::kProving;
  if (up.link() == Link::kConnected && !ours) {
    up.route(m);
    return;
  }
  if (ours || !reg.ended) sasl_refused(up, m.last());
}

void on_saslmechs(Upstream& up, const Message& m) {
  if (up.link() == Link::kConnected && up.registration().sasl == Sasl::kDone) up.route(m);
  // Otherwise 904 follows, and is told.
}

constexpr UpstreamRow kSaslRows[] = {
    {"AUTHENTICATE", 1, on_authenticate},       {irc::kRplLoggedIn, 3, on_logged_in},
    {irc::kRplLoggedOut, 1, on_logged_out},     {irc::kErrNickLocked, 1, on_sasl_failure},
    {irc::kRplSaslSuccess, 0, on_sasl_success}, {irc::kErrSaslFail, 1, on_sasl_failure},
    {irc::kErrSaslTooLong, 1, on_sasl_failure}, {irc::kErrSaslAborted, 1, on_sasl_failure},
    {irc::kErrSaslAlready, 0, on_sasl_success}, {irc::kRplSaslMechs, 1, on_saslmechs},
};

}  // namespace

std::span<const UpstreamRow> sasl_rows() {
  return kSaslRows;
}

bool sasl_configured(Upstream& up) {
  return !up.network().row().sasl_mechanism.empty();
}

void begin_sasl(Upstream& up) {
  const std::string& mechanism = up.network().row().sasl_mechanism;
  Upstream::Registration& reg = up.registration();
  if (!offers(reg.sasl_value, mechanism)) {
    sasl_refused(up, fmt::format("the network offers only {}", reg.sasl_value));
    return;
  }
  reg.sasl = Sasl::kAsked;
  reg.sasl_reader.reset();
  reg.scram.reset();
  reg.scram_step = Upstream::ScramStep::kFirst;
  up.send_now("AUTHENTICATE " + mechanism);
}

void sasl_refused(Upstream& up, std::string_view why) {
  const std::string reason = sasl_refusal(up.network().row(), why);
  if (up.link() == Link::kConnected) {
    // A login that was offered anew on a link that is in use: it goes on as it was.
    up.registration().sasl = Sasl::kDone;
    up.tell(reason);
    return;
  }
  // Going on without the account could show the user's address or lose their channels: better to stay away
  // and say so.
  up.send_now("QUIT :SASL login failed");
  up.fail(reason, true);
}

}  // namespace halley
