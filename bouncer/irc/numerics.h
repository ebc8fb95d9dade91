// The numerics that Halley sends or reads by name, by their RFC and IRCv3 names. Source: RFC 2812 section 5,
// https://modern.ircdocs.horse/#numerics, https://defs.ircdocs.horse/defs/numerics
#pragma once
#include <string_view>

namespace halley::irc {
inline constexpr std::string_view kRplWelcome = "001";
inline constexpr std::string_view kRplYourHost = "002";
inline constexpr std::string_view kRplCreated = "003";
inline constexpr std::string_view kRplMyInfo = "004";
inline constexpr std::string_view kRplIsupport = "005";
inline constexpr std::string_view kRplUmodeIs = "221";
inline constexpr std::string_view kRplUserhost = "302";
inline constexpr std::string_view kRplUnaway = "305";
inline constexpr std::string_view kRplNowAway = "306";
inline constexpr std::string_view kRplChannelModeIs = "324";
inline constexpr std::string_view kRplCreationTime = "329";
inline constexpr std::string_view kRplNoTopic = "331";
inline constexpr std::string_view kRplTopic = "332";
inline constexpr std::string_view kRplTopicWhoTime = "333";
inline constexpr std::string_view kRplNamReply = "353";
inline constexpr std::string_view kRplEndOfNames = "366";
inline constexpr std::string_view kRplMotd = "372";
inline constexpr std::string_view kRplMotdStart = "375";
inline constexpr std::string_view kRplEndOfMotd = "376";
inline constexpr std::string_view kRplHostHidden = "396";
inline constexpr std::string_view kErrInvalidCapCmd = "410";
inline constexpr std::string_view kErrNoRecipient = "411";
inline constexpr std::string_view kErrNoTextToSend = "412";
inline constexpr std::string_view kErrInputTooLong = "417";
inline constexpr std::string_view kErrUnknownCommand = "421";
inline constexpr std::string_view kErrNoMotd = "422";
inline constexpr std::string_view kErrErroneousNickname = "432";
inline constexpr std::string_view kErrNicknameInUse = "433";
inline constexpr std::string_view kErrNickCollision = "436";
inline constexpr std::string_view kErrUnavailResource = "437";
inline constexpr std::string_view kErrNotRegistered = "451";
inline constexpr std::string_view kErrNeedMoreParams = "461";
inline constexpr std::string_view kErrAlreadyRegistered = "462";
inline constexpr std::string_view kErrPasswdMismatch = "464";
inline constexpr std::string_view kErrYoureBannedCreep = "465";
inline constexpr std::string_view kRplKeyValue = "761";
inline constexpr std::string_view kRplKeyNotSet = "766";
inline constexpr std::string_view kRplMetadataSubOk = "770";
inline constexpr std::string_view kRplMetadataUnsubOk = "771";
inline constexpr std::string_view kRplMetadataSubs = "772";
inline constexpr std::string_view kRplLoggedIn = "900";
inline constexpr std::string_view kRplLoggedOut = "901";
inline constexpr std::string_view kErrNickLocked = "902";
inline constexpr std::string_view kRplSaslSuccess = "903";
inline constexpr std::string_view kErrSaslFail = "904";
inline constexpr std::string_view kErrSaslTooLong = "905";
inline constexpr std::string_view kErrSaslAborted = "906";
inline constexpr std::string_view kErrSaslAlready = "907";
inline constexpr std::string_view kRplSaslMechs = "908";
}  // namespace halley::irc
