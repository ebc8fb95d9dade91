// The numerics that Halley sends or reads, by their RFC and IRCv3 names. Source: RFC 2812 section 5,
// https://modern.ircdocs.horse/#numerics, https://defs.ircdocs.horse/defs/numerics
#pragma once
#include <string_view>

namespace halley::irc {
inline constexpr std::string_view kRplWelcome = "001", kRplYourHost = "002", kRplCreated = "003",
                                  kRplMyInfo = "004", kRplIsupport = "005", kRplUmodeIs = "221",
                                  kRplAway = "301", kRplUnaway = "305", kRplNowAway = "306",
                                  kRplChannelModeIs = "324", kRplCreationTime = "329", kRplNoTopic = "331",
                                  kRplTopic = "332", kRplTopicWhoTime = "333", kRplNamReply = "353",
                                  kRplEndOfNames = "366", kRplMotd = "372", kRplMotdStart = "375",
                                  kRplEndOfMotd = "376", kErrNoSuchNick = "401", kErrNoSuchChannel = "403",
                                  kErrInvalidCapCmd = "410", kErrNoTextToSend = "412",
                                  kErrInputTooLong = "417", kErrUnknownCommand = "421", kErrNoMotd = "422",
                                  kErrNoNicknameGiven = "431", kErrErroneousNickname = "432",
                                  kErrNicknameInUse = "433", kErrNickCollision = "436",
                                  kErrUnavailResource = "437", kErrNotOnChannel = "442",
                                  kErrNotRegistered = "451", kErrNeedMoreParams = "461",
                                  kErrAlreadyRegistered = "462", kErrPasswdMismatch = "464",
                                  kErrYoureBannedCreep = "465", kErrChannelIsFull = "471",
                                  kErrInviteOnlyChan = "473", kErrBannedFromChan = "474",
                                  kErrBadChannelKey = "475", kErrNeedReggedNick = "477", kRplLoggedIn = "900",
                                  kRplLoggedOut = "901", kErrNickLocked = "902", kRplSaslSuccess = "903",
                                  kErrSaslFail = "904", kErrSaslTooLong = "905", kErrSaslAborted = "906",
                                  kErrSaslAlready = "907", kRplSaslMechs = "908";
}  // namespace halley::irc
