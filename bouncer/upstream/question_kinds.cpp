#include "bouncer/upstream/question_kinds.h"

#include <algorithm>
#include <array>

namespace halley {

namespace {

// clang-format off
constexpr std::array kKinds = {
    QuestionKind{"WHO", "", "352 354", "315", "", "402 403 416 522"},
    QuestionKind{"WHOIS", "", "223 275 276 301 307 308 309 310 311 312 313 316 317 319 320 325 326 327 330 335 337 338 "
                 "339 343 344 350 351 378 379 386 492 569 613 614 615 616 617 623 660 661 671 672 689 690 726 "
                 "760", "318", "", "402 431 263"},
    QuestionKind{"WHOWAS", "", "301 312 314 330 338 378 406 415", "369", "", "431"},
    QuestionKind{"LIST", "", "321 322 437", "323", "", "263 402 416 521"},
    QuestionKind{"NAMES", "", "353", "366", "", "402 416"},
    QuestionKind{"LINKS", "", "364", "365", "", "402 263"},
    QuestionKind{"MAP", "", "006 015 016 018", "007 017 270", "", ""},
    QuestionKind{"MODE", "user", "", "221", "", "502 501"},
    QuestionKind{"MODE", "query", "", "324", "329", "442 403"},
    QuestionKind{"MODE", "list:b", "367", "368", "", "482 442 403"},
    QuestionKind{"MODE", "list:I", "346", "347", "", "482 442 403"},
    QuestionKind{"MODE", "list:e", "348", "349", "", "482 442 403"},
    QuestionKind{"MODE", "list:q", "728 386", "729 387", "", "482 442 403"},
    QuestionKind{"MODE", "list:g", "941", "940", "", "482 442 403"},
    QuestionKind{"MODE", "list:w", "910", "911", "", "482 442 403"},
    QuestionKind{"MODE", "list:X", "954", "953", "", "482 442 403"},
    QuestionKind{"MODE", "set", "", "", "", "401 403 441 442 461 467 472 476 478 482 501 502 696 697 698 742 974"},
    QuestionKind{"TOPIC", "query", "", "331 332", "333", "403 442"},
    QuestionKind{"TOPIC", "set", "", "", "", "403 442 482"},
    QuestionKind{"MOTD", "", "375 372", "376 422", "", "402"},
    QuestionKind{"VERSION", "", "", "351", "005 105", "402"},
    QuestionKind{"TIME", "", "", "391", "", "402"},
    QuestionKind{"ADMIN", "", "256 257 258", "259 423", "", "402"},
    QuestionKind{"INFO", "", "371 373", "374", "", "402"},
    QuestionKind{"LUSERS", "", "250 251 252 253 254 265", "255 266", "265 266 250", "402"},
    QuestionKind{"STATS", "", "210 211 212 213 214 215 216 217 218 220 221 222 223 224 225 226 227 228 229 230 231 232 "
                 "233 234 235 236 237 238 239 240 241 242 243 244 245 246 247 248 249 250 294 295", "219", "", "481 402 263"},
    QuestionKind{"TRACE", "", "200 201 202 203 204 205 206 207 208 209 261 709", "262", "", "402 481"},
    QuestionKind{"ETRACE", "", "708 709", "759 262", "", "481"},
    QuestionKind{"USERHOST", "", "", "302", "", ""},
    QuestionKind{"USERIP", "", "", "340", "", ""},
    QuestionKind{"ISON", "", "", "303", "", ""},
    QuestionKind{"HELP", "", "290 291 292 293 704 705", "524 706 292", "", ""},
    QuestionKind{"HELPOP", "", "290 291 292 293 704 705", "524 706 292", "", ""},
    QuestionKind{"RULES", "", "232 308 632 633", "309 434 634", "", ""},
    QuestionKind{"INVITE", "list", "336 346", "337 347", "", ""},
    QuestionKind{"INVITE", "", "", "341", "301", "401 403 442 443 482 518"},
    QuestionKind{"SILENCE", "", "271", "272", "", "511"},
    QuestionKind{"ACCEPT", "", "281", "282", "", "456 457 458"},
    QuestionKind{"WATCH", "", "600 601 602 603 604 605 606 607 608 609 597 598 599", "", "", "512"},
    QuestionKind{"MONITOR", "", "732", "733", "", "734"},
    QuestionKind{"KNOCK", "", "", "710 711", "", "480 712 713 714 401 403"},
    QuestionKind{"OPER", "", "", "381", "", "464 491"},
    QuestionKind{"AWAY", "", "", "305 306", "", "429"},
    QuestionKind{"REHASH", "", "", "382", "", "481"},
    QuestionKind{"SERVLIST", "", "234", "235", "", ""},
    QuestionKind{"METADATA", "", "760 761 770 771 772 774", "762 766", "", "764 765 767 768 769"},
    // Answered only when they are refused: what they change comes back as a line of its own.
    QuestionKind{"PRIVMSG", "", "", "", "301", "401 402 403 404 405 407 408 411 412 413 414 415 437 440 442 472 477 486 487 "
                 "489 494 521 531 716 717"},
    QuestionKind{"NOTICE", "", "", "", "301", "401 402 403 404 405 407 408 411 412 413 414 415 437 440 442 472 477 486 487 "
                 "489 494 521 531 716 717"},
    QuestionKind{"TAGMSG", "", "", "", "", "401 403 404 407 442 477"},
    QuestionKind{"JOIN", "", "", "", "", "403 405 407 437 448 460 470 471 473 474 475 476 477 479 480 485 489 495 500 519 520 "
                 "926"},
    QuestionKind{"PART", "", "", "", "", "403 442"},
    QuestionKind{"KICK", "", "", "", "", "401 403 441 442 482 485 972"},
    QuestionKind{"NICK", "", "", "", "", "431 432 433 435 436 437 438 447 484"},
    QuestionKind{"KILL", "", "", "", "", "401 402 481 483 485"},
    QuestionKind{"SETNAME", "", "", "", "", ""},
};
// clang-format on

std::string_view form_of(const irc::Message& m) {
  const std::string_view argument = m.param(1);
  if (irc::same_command(m.command, "TOPIC")) return m.param_count > 1 ? "set" : "query";
  if (irc::same_command(m.command, "INVITE")) return m.param_count == 0 ? "list" : "";
  if (!irc::same_command(m.command, "MODE")) return "";
  // A channel's name begins with none of a nick's characters; which ones does not matter here.
  const bool channel = std::string_view("#&!+").find(m.param(0).substr(0, 1)) != std::string_view::npos;
  if (!channel) return m.param_count > 1 ? "set" : "user";
  if (m.param_count == 1) return "query";
  if (m.param_count > 2) return "set";
  const std::string_view letters =
      argument.substr(std::min(argument.find_first_not_of('+'), argument.size()));
  constexpr std::string_view kLists = "list:blist:Ilist:elist:qlist:glist:wlist:X";
  constexpr std::string_view kLetters = "bIeqgwX";
  const std::size_t at = letters.size() == 1 ? kLetters.find(letters[0]) : std::string_view::npos;
  return at == std::string_view::npos ? "set" : kLists.substr(at * 6, 6);
}

}  // namespace

const QuestionKind* question_kind(const irc::Message& message) {
  const std::string_view form = form_of(message);
  const auto* kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const QuestionKind& k) {
    return irc::same_command(k.command, message.command) && k.form == form;
  });
  return kind == kKinds.end() ? nullptr : kind;
}

bool holds_word(std::string_view list, std::string_view word) {
  for (std::size_t at = 0; at + word.size() <= list.size(); at += word.size() + 1) {
    if (list.substr(at, word.size()) == word) return true;
  }
  return false;
}

}  // namespace halley
