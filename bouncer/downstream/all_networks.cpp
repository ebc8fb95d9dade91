#include "bouncer/downstream/all_networks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bouncer/commands/client_commands.h"
#include "bouncer/core/burst.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/client_batch.h"
#include "bouncer/downstream/common_isupport.h"
#include "bouncer/downstream/network_pipe.h"
#include "bouncer/irc/numerics.h"
#include "bouncer/irc/text.h"

namespace halley {

namespace {

using irc::Cap;
using irc::Message;

// What is between the connection and Halley is no part's, nor is what comes back in forms of its own:
// messages of several lines are told line by line. Parts tell the log each for itself: how far one is says
// nothing of the others.
constexpr irc::CapSet kOfTheConnection = irc::CapSet::of(
    Cap::kCapNotify, Cap::kSasl, Cap::kBouncerNetworks, Cap::kBouncerNetworksNotify, Cap::kSojuWebpush,
    Cap::kWebpush, Cap::kExtendedIsupport, Cap::kAccountRegistration, Cap::kMetadata, Cap::kMultiline,
    Cap::kConsumer, Cap::kPersistence, Cap::kWhoami, Cap::kClientCert);

// The welcome of one network says nothing to a client that is in several, nor does it have to do with its
// login that there is no room for one of them.
constexpr std::string_view kOfTheWelcome[] = {irc::kRplWelcome, irc::kRplYourHost, irc::kRplCreated,
                                              irc::kRplMyInfo,  irc::kRplUmodeIs,  irc::kErrPasswdMismatch};
constexpr std::string_view kRplEndOfWho = "315", kRplWhoSpcRpl = "354", kErrNoSuchNick = "401",
                           kErrNoSuchChannel = "403", kErrNoNicknameGiven = "431";

}  // namespace

// One network of them.
class AllNetworks::Part final : private NetworkPipe::FarEnd {
 public:
  Part(AllNetworks& all, const Network& network)
      : all_(all), id_(network.id()), name_(network.name()), nick_(network.nick()) {
    auto pipe = std::make_unique<NetworkPipe>(all.parts_.loop, static_cast<NetworkPipe::FarEnd&>(*this));
    pipe_ = pipe.get();
    const Downstream& client = all.client_;
    link_ = std::make_unique<Downstream>(all.parts_, std::move(pipe), client.peer(), [this](Downstream&) {
      ended_ = true;
      all_.sync_->schedule();
    });
  }

  // It may be over at once.
  void begin() { link_->begin_as_part(all_.client_, id_, all_.caps_ - kOfTheConnection); }

  NetworkId id() const { return id_; }
  const std::string& name() const { return name_; }
  bool ended() const { return ended_; }
  bool welcomed() const { return welcomed_; }
  // That it has ended: once. It may have had no room to say why.
  void tell_end() {
    told_end_ = true;
    all_.client_.notice(
        fmt::format("{} is not shown any more{}{}", name_, reason_.empty() ? "" : ": ", reason_));
  }
  bool end_is_told() const { return told_end_; }
  bool waits() const { return !ended_ && pipe_->waits(); }
  Downstream& link() { return *link_; }
  NetworkPipe& pipe() const { return *pipe_; }

  NamedNetwork named() const {
    const Network* network = this->network();
    return {.name = name_,
            .nick = nick_,
            .shown = all_.client_.nick(),
            .server = network ? std::string_view(network->state().server) : std::string_view(),
            .host = all_.client_.server_name(),
            .isupport = network ? network->state().isupport() : all_.nothing_};
  }
  const Network* network() const {
    const User* user = all_.client_.user();
    return user ? user->network(id_) : nullptr;
  }

  void give(std::string_view line) {
    const auto message = irc::parse(line);
    if (message && irc::same_command(message->command, "WHO")) {
      const WhoQuestion who = who_question(*message);
      if (who_.size() == kMostWho) who_.pop_front();
      who_.push_back({.mask = std::string(irc::clip_utf8(who.mask, irc::kMaxTarget)),
                      .fields = std::string(irc::clip_utf8(who.fields, kWhoxFields.size())),
                      .token = std::string(irc::clip_utf8(who.token, kWhoxFields.size()))});
    }
    pipe_->give(line);
  }

  void ask_service(std::string_view words) {
    asked_service_ = true;
    give(fmt::format("PRIVMSG {} :{}", kServiceName, words));
  }

 private:
  void part_wrote(std::string_view line) override {
    const auto message = irc::parse(line);
    if (!message) return;
    if (take(*message)) return tell_taken(*message);
    const std::string who = fields_of(*message);
    for (const std::string& named : suffixed_lines(this->named(), *message, fmt::format("{}.", id_), who))
      all_.client_.send(named);
    if (message->command == kRplEndOfWho) end_of_who(message->param(1));
  }
  // What the question of a 354 asked for; empty: that is not known.
  std::string fields_of(const Message& m) const {
    if (m.command != kRplWhoSpcRpl) return {};
    const auto asked =
        std::ranges::find_if(who_, [&](const Who& who) { return answers_whox(m, who.fields, who.token); });
    return asked == who_.end() ? std::string() : asked->fields;
  }
  // Those before it have been refused, or were never sent.
  void end_of_who(std::string_view mask) {
    const auto asked = std::ranges::find_if(
        who_, [&](const Who& who) { return irc::equal(named().isupport.casemapping(), who.mask, mask); });
    if (asked != who_.end()) who_.erase(who_.begin(), asked + 1);
  }

  bool takes_more() const override { return all_.client_.takes_answers(); }
  std::size_t on_the_way() const override { return all_.client_.on_the_way(); }
  void part_took() override { all_.client_.answers_taken(); }

  // What is not told as it is was the answer to a label all the same.
  void tell_taken(const Message& m) {
    if (const auto label = irc::find_tag(m.tags, "label"))
      all_.client_.put(irc::with_tag(fmt::format("label={}", *label),
                                     irc::format_line(all_.client_.server_name(), "ACK", {})));
  }
  // True: that is not for the client, or has been told it otherwise.
  bool take(const Message& m) {
    if (m.command == "PING") {
      pipe_->give(fmt::format("PONG :{}", m.last()));
      return true;
    }
    if (m.command == "PONG" || m.command == "CAP") return true;
    if (m.command == "ERROR") {
      reason_ = m.last();
      return true;
    }
    if (irc::parse_prefix(m.source).nick == kServiceName) return take_service(m);
    if (m.command == irc::kRplIsupport) {
      all_.sync_->schedule();
      return true;
    }
    if (m.command == irc::kRplNowAway) return !all_.tells_away(true);
    if (m.command == irc::kRplUnaway) return !all_.tells_away(false);
    if (!welcomed_) return take_welcome(m);
    return m.command == "NICK" && take_nick(m);
  }

  // What it says to all its clients it has said to ours as well; what it says on each network is needed once.
  bool take_service(const Message& m) {
    if (m.command == "NOTICE") return true;
    return m.command == "PRIVMSG" && !asked_service_ && !all_.tells_of_service(id_, m);
  }

  bool take_welcome(const Message& m) {
    if (m.command == irc::kRplWelcome) learn_nick(m.param(0));
    welcomed_ = m.command == irc::kErrNoMotd;
    return welcomed_ || std::ranges::find(kOfTheWelcome, m.command) != std::end(kOfTheWelcome);
  }

  // Ours changes nothing for the client: it is called the same everywhere.
  bool take_nick(const Message& m) {
    const auto who = irc::parse_prefix(m.source);
    if (!irc::equal(named().isupport.casemapping(), who.nick, nick_)) return false;
    learn_nick(m.param(0));
    return true;
  }

  void learn_nick(std::string_view nick) {
    const bool news = !welcomed_ || nick != nick_;
    nick_ = nick;
    if (news && nick_ != all_.client_.nick())
      all_.client_.notice(fmt::format("On {} you are {}", name_, nick_));
  }

  AllNetworks& all_;
  const NetworkId id_;
  const std::string name_;  // that the client knows
  std::string nick_;        // as what has been told until now has it
  struct Who {
    std::string mask, fields, token;
  };
  std::deque<Who> who_;          // questions that are not answered
  NetworkPipe* pipe_ = nullptr;  // of the link
  std::unique_ptr<Downstream> link_;
  std::string reason_;  // of its end
  bool welcomed_ = false, ended_ = false, told_end_ = false;
  bool asked_service_ = false;  // answers are none's repetition
};

AllNetworks::AllNetworks(Downstream& client, const Downstream::Parts& parts)
    : client_(client),
      parts_(parts),
      caps_(client.caps()),
      sync_(parts.loop.task([this] { sync(); })),
      told_isupport_(isupport()) {
  sync_->schedule();
}

AllNetworks::~AllNetworks() = default;

// The parts are those of the networks that there are, under the names that they have.
void AllNetworks::sync() {
  const User* user = client_.user();
  if (!user) return;
  tell_isupport();
  for (std::size_t i = 0; i < networks_.size();) {
    const Network* network = networks_[i]->network();
    if (!networks_[i]->ended() && network && network->name() == networks_[i]->name()) {
      ++i;
      continue;
    }
    // One that was ended (too slow, too many) comes back with the next connection.
    if (network && networks_[i]->ended()) {
      if (!networks_[i]->end_is_told()) {
        networks_[i]->tell_end();
        leave(*networks_[i], "Not shown any more");
      }
      ++i;
      continue;
    }
    leave(*networks_[i], network ? "The network has another name" : "The network was removed");
    networks_.erase(networks_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (const auto& network : user->networks()) {
    if (std::ranges::any_of(networks_, [&](const auto& part) { return part->id() == network->id(); }))
      continue;
    networks_.push_back(std::make_unique<Part>(*this, *network));
    networks_.back()->begin();
  }
}

// Its channels, as far as the client may know any.
void AllNetworks::leave(Part& part, std::string_view reason) {
  part.link().save_position();
  part.link().write_out();
  const Network* network = part.network();
  if (!network || !part.welcomed()) return;
  const std::string mask = fmt::format("{0}!{0}@{1}", client_.nick(), client_.server_name());
  for (const auto& channel : network->state().channels()) {
    if (!is_hidden(*network, channel->name, client_.device()))
      client_.send(irc::format_line(mask, "PART", {suffixed_name(part.named(), channel->name), reason}));
  }
}

std::vector<NamedNetwork> AllNetworks::named() const {
  std::vector<NamedNetwork> all;
  for (const auto& part : networks_) all.push_back(part->named());
  return all;
}

std::string AllNetworks::isupport() const {
  std::vector<const irc::Isupport*> all;
  std::size_t longest = 0;
  const User* user = client_.user();
  if (!user) return {};
  for (const auto& network : user->networks()) {
    all.push_back(&network->state().isupport());
    longest = std::max(longest, network->name().size());
  }
  if (all.empty()) all.push_back(&nothing_);
  return common_isupport(all, longest);
}

void AllNetworks::tell_isupport() {
  std::string now = isupport();
  if (now == told_isupport_) return;
  told_isupport_ = std::move(now);
  client_.tell_own_isupport();
}

void AllNetworks::network_changed(const Network&, bool) {
  sync_->schedule();
}

void AllNetworks::set_caps(irc::CapSet caps) {
  caps_ = caps;
  for (const auto& part : networks_) part->link().set_caps(caps - kOfTheConnection);
}

bool AllNetworks::takes_input() const {
  return std::ranges::none_of(networks_, [](const auto& part) { return part->waits(); });
}

void AllNetworks::drained() {
  for (const auto& part : networks_) {
    if (!part->ended()) part->pipe().drained();
  }
}

void AllNetworks::tick() {
  // Whether the client lives is asked on its own connection.
  for (const auto& part : networks_) {
    if (!part->ended()) expire_batch(part->link());
  }
}

bool AllNetworks::save_position() {
  bool more = false;
  for (const auto& part : networks_) more = part->link().save_position() || more;
  return more;
}

void AllNetworks::write_out() {
  for (const auto& part : networks_) part->link().write_out();
}

bool AllNetworks::tells_away(bool away) {
  return std::exchange(told_away_, away) != away;
}

bool AllNetworks::tells_of_service(NetworkId from, const Message& m) {
  constexpr std::size_t kToTheSecond = std::string_view("2026-11-27T00:00:00").size();
  const std::string_view time =
      irc::find_tag(m.tags, "time").value_or(std::string_view()).substr(0, kToTheSecond);
  // Each network's part has its turn for itself, and may say several things in it.
  constexpr std::uint64_t kAtOnceMs = 1'000;
  const std::uint64_t now = parts_.loop.clock().monotonic_ms();
  const auto repeats = [&](const OfService& told) {
    const bool at_once = now - told.told_ms < kAtOnceMs || (!time.empty() && told.time == time);
    return at_once && told.from != from && told.text == m.last();
  };
  if (std::ranges::any_of(of_service_, repeats)) return false;
  if (of_service_.size() == kMostOfService) of_service_.erase(of_service_.begin());
  of_service_.push_back(
      {.from = from, .text = std::string(m.last()), .time = std::string(time), .told_ms = now});
  return true;
}

// --- What the client says ---

void AllNetworks::handle(const Message& m) {
  if (irc::same_command(m.command, "NICK")) return change_nick(m);
  if (handle_batch(m) || handle_own(m)) return;
  route(m);
}

// A nick without a network is the client's name for itself from then on, and asked for everywhere.
void AllNetworks::change_nick(const Message& m) {
  const std::string nick(m.param(0));
  if (nick.empty()) return client_.reply(kErrNoNicknameGiven, {"No nickname given"});
  const auto split = split_suffix(nick);
  if (!split) {
    if (!irc::is_valid_nick(nick))
      return client_.reply(irc::kErrErroneousNickname, {nick, "That cannot be a nick"});
    client_.call_itself(nick);
  }
  route(m);
}

// Lines of a batch are for the network that its beginning names.
bool AllNetworks::handle_batch(const Message& m) {
  if (!irc::same_command(m.command, "BATCH")) return false;
  const std::string_view reference = m.param(0).substr(std::min<std::size_t>(1, m.param(0).size()));
  if (m.param(0).starts_with('+')) {
    const auto lines = route_line(named(), m);
    if (!lines) {
      refuse(m, lines.error());
      return true;
    }
    Part* part = shown_part(lines->front().network);
    if (part == nullptr) return true;
    batch_ = irc::clip_utf8(reference, ClientBatch::kMostReference);
    batch_network_ = part->id();
    part->give(labelled(*part, lines->front().line));
    return true;
  }
  const auto part = std::ranges::find_if(
      networks_, [&](const auto& one) { return one->id() == batch_network_ && !one->ended(); });
  if (batch_.empty() || reference != batch_ || part == networks_.end()) {
    client_.fail("BATCH", "INVALID_REFTAG", {irc::clip_utf8(reference, ClientBatch::kMostReference)},
                 "There is no such batch");
    return true;
  }
  batch_.clear();
  (*part)->give(fmt::format("BATCH {}", m.param(0)));
  return true;
}

// What is said to Halley, and to *playback about some networks or all.
bool AllNetworks::handle_own(const Message& m) {
  if (!irc::same_command(m.command, "PRIVMSG")) return false;
  if (irc::same_command(m.param(0), "*playback")) {
    std::string line = "ZNC *playback";
    std::string_view words = m.param(1);
    while (!words.empty()) {
      const std::size_t space = std::min(words.find(' '), words.size());
      if (space > 0) line.append(" ").append(words.substr(0, space));
      words.remove_prefix(std::min(space + 1, words.size()));
    }
    if (const auto asked = irc::parse(line)) route(*asked);
    return true;
  }
  if (!irc::same_command(m.param(0), kServiceName)) return false;
  // "history #chan/libera 3h" is asked of the network, which is what its answer is about.
  constexpr std::string_view kHistory = "history ";
  const std::string_view text = m.param(1);
  if (irc::same_command(text.substr(0, kHistory.size()), kHistory)) {
    const std::string_view rest = text.substr(kHistory.size());
    const std::string_view name = rest.substr(0, rest.find(' '));
    const auto split = split_suffix(name);
    const auto part = std::ranges::find_if(networks_, [&](const auto& one) {
      return split && !one->ended() && same_name(one->name(), split->network);
    });
    if (part != networks_.end()) {
      (*part)->ask_service(fmt::format("{}{}{}", kHistory, split->name, rest.substr(name.size())));
      return true;
    }
  }
  return run_unbound_command(client_, m, client_.nick());
}

void AllNetworks::route(const Message& m) {
  const auto lines = route_line(named(), m);
  if (!lines) return refuse(m, lines.error());
  for (const RoutedLine& routed : *lines) {
    Part* part = shown_part(routed.network);
    if (part) part->give(lines->size() == 1 ? labelled(*part, routed.line) : routed.line);
  }
}

// What goes to one network is answered by its part, once that knows labels. Of what goes to several there is
// an answer for each: none bears the label, but the word that it was done.
std::string AllNetworks::labelled(Part& part, std::string_view line) {
  const std::string label = part.link().registered() ? client_.hand_on_label() : std::string();
  return label.empty() ? std::string(line) : irc::with_tag(fmt::format("label={}", label), line);
}

AllNetworks::Part* AllNetworks::shown_part(std::size_t network) {
  Part& part = *networks_[network];
  if (!part.ended()) return &part;
  client_.notice(fmt::format("{} is not shown on this connection any more: connect anew", part.name()));
  return nullptr;
}

void AllNetworks::refuse(const Message& m, const Unrouted& why) {
  if (why.name.empty()) return client_.notice(why.text);
  const bool joins = irc::same_command(m.command, "JOIN") || why.channel;
  client_.reply(joins ? kErrNoSuchChannel : kErrNoSuchNick, {why.name, why.text});
}

}  // namespace halley
