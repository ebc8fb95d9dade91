// The capabilities that Halley knows, as a set of bits. Source:
// https://ircv3.net/specs/extensions/capability-negotiation Values only: any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace halley::irc {

enum class Cap : std::uint8_t {
  kMessageTags,
  kServerTime,
  kBatch,
  kLabeledResponse,
  kEchoMessage,
  kCapNotify,
  kSasl,
  kMultiPrefix,
  kUserhostInNames,
  kExtendedJoin,
  kAccountNotify,
  kAccountTag,
  kAwayNotify,
  kChghost,
  kSetname,
  kInviteNotify,
  kExtendedMonitor,
  kStandardReplies,
  kNoImplicitNames,
  kChathistory,
  kEventPlayback,
  kReadMarker,
  kMessageRedaction,
  kPreAway,
  kBouncerNetworks,
  kBouncerNetworksNotify,
  kSearch,
  kSojuWebpush,
  kWebpush,
  kSelfMessage,  // znc.in/self-message
  kZncPlayback,
  kSojuRead,  // soju.im/read, an older draft/read-marker
  kDraftNoImplicitNames,
  kSojuNoImplicitNames,
  kExtendedIsupport,
  kChannelRename,
  kAccountRegistration,
  kMetadata,
  kMultiline,
  kWhoami,
  kPersistence,
  kClientCert,
  kConsumer,  // causal.agency/consumer: lines bear their place in the log
  kPassive,   // causal.agency/passive: nobody sits before it
  kAccountRequired,
  kSts,
};
inline constexpr std::size_t kCapCount = static_cast<std::size_t>(Cap::kSts) + 1;
static_assert(kCapCount <= 64);

// By its name on the wire; names compare with case. nullopt for a capability that Halley does not know.
std::optional<Cap> find_cap(std::string_view name);
std::string_view name(Cap cap);

// What a capability is to Halley; a row of caps.cpp has some of them.
namespace cap_use {
inline constexpr unsigned kOffered = 1;   // to clients, whatever the network has
inline constexpr unsigned kPassedOn = 2;  // to clients while the network has it: not to be made up
inline constexpr unsigned kWanted = 4;    // of networks: makes the log better, or lets clients have more
inline constexpr unsigned kTold = 8;      // to clients in CAP LS: says something, and cannot be asked for
}  // namespace cap_use

class CapSet {
 public:
  constexpr CapSet() = default;
  constexpr explicit CapSet(std::uint64_t bits) : bits_(bits) {}
  template <typename... Caps>
  static constexpr CapSet of(Caps... caps) {
    return CapSet((std::uint64_t{0} | ... | bit(caps)));
  }

  constexpr bool has(Cap cap) const { return (bits_ & bit(cap)) != 0; }
  constexpr void add(Cap cap) { bits_ |= bit(cap); }
  constexpr void remove(Cap cap) { bits_ &= ~bit(cap); }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint64_t bits() const { return bits_; }

  friend constexpr CapSet operator&(CapSet a, CapSet b) { return CapSet(a.bits_ & b.bits_); }
  friend constexpr CapSet operator|(CapSet a, CapSet b) { return CapSet(a.bits_ | b.bits_); }
  // What is in `a` and not in `b`.
  friend constexpr CapSet operator-(CapSet a, CapSet b) { return CapSet(a.bits_ & ~b.bits_); }
  friend constexpr bool operator==(CapSet, CapSet) = default;

  // Calls visit(Cap) for each member, in the order of the enumeration.
  template <typename Visit>
  constexpr void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < kCapCount; ++i)
      if (has(static_cast<Cap>(i))) visit(static_cast<Cap>(i));
  }

 private:
  static constexpr std::uint64_t bit(Cap cap) { return std::uint64_t{1} << static_cast<unsigned>(cap); }
  std::uint64_t bits_ = 0;
};

// All that are of one of these uses, cap_use joined by |.
CapSet caps_for(unsigned use);
// What a client must have to be sent a line of this command; most need nothing.
std::optional<Cap> needed_cap(std::string_view command);

// Calls visit(name, value, minus) for each token of the list in CAP LS, LIST, REQ, ACK, NAK, NEW or DEL:
// "sasl=PLAIN,EXTERNAL -echo-message". `value` is empty when there is none; `minus` is true for "-name".
// Tokens without a name are passed over.
template <typename Visit>
void for_each_cap(std::string_view list, Visit&& visit) {
  while (!list.empty()) {
    const std::size_t space = list.find(' ');
    std::string_view token = list.substr(0, space);
    list = space == std::string_view::npos ? std::string_view{} : list.substr(space + 1);
    const bool minus = token.starts_with('-');
    if (minus) token.remove_prefix(1);
    const std::size_t eq = token.find('=');
    const std::string_view cap = token.substr(0, eq);
    if (!cap.empty())
      visit(cap, eq == std::string_view::npos ? std::string_view{} : token.substr(eq + 1), minus);
  }
}

}  // namespace halley::irc
