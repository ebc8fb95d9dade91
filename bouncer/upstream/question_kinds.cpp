#include "bouncer/upstream/question_kinds.h"

#include <algorithm>
#include <array>

namespace halley {

namespace {

constexpr std::array kKinds = {
    QuestionKind{},  // kUnknownKind
    QuestionKind{.command = "WHO",
                 .replies = "352 354",
                 .last = "315",
                 .errors = "263 402 403 416 522",
                 .in_order = true},
    QuestionKind{
        .command = "WHOIS",
        .replies =
            "223 275 276 301 307 308 309 310 311 312 313 316 317 319 320 325 326 327 330 335 337 338 "
            "339 343 344 350 351 378 379 386 492 569 613 614 615 616 617 623 660 661 671 672 689 690 726 "
            "760",
        .last = "318",
        .errors = "402 431 263",
        .by_name = true,
        .elsewhere = 2},
    QuestionKind{.command = "WHOWAS",
                 .replies = "301 312 314 330 338 378 406 415",
                 .last = "369",
                 .errors = "431",
                 .by_name = true,
                 .elsewhere = 3},
    QuestionKind{.command = "LIST",
                 .replies = "321 322 437",
                 .last = "323",
                 .errors = "263 402 416 521",
                 .in_order = true,
                 .elsewhere = 2},
    QuestionKind{.command = "NAMES",
                 .replies = "353",
                 .last = "366",
                 .errors = "402 416",
                 .by_name = true,
                 .elsewhere = 2},
    QuestionKind{.command = "LINKS", .replies = "364", .last = "365", .errors = "402 263", .elsewhere = 2},
    QuestionKind{.command = "MAP",
                 .replies = "006 015 016 018",
                 .last = "007 017 270",
                 .trailing = "007",
                 .elsewhere = 1},
    QuestionKind{.command = "MODE", .form = "user", .last = "221", .errors = "502 501"},
    QuestionKind{.command = "MODE",
                 .form = "query",
                 .last = "324",
                 .trailing = "329",
                 .errors = "442 403",
                 .by_name = true},
    QuestionKind{.command = "MODE",
                 .form = "list:b",
                 .replies = "367",
                 .last = "368",
                 .errors = "482 442 403",
                 .by_name = true},
    QuestionKind{.command = "MODE",
                 .form = "list:I",
                 .replies = "346",
                 .last = "347",
                 .errors = "482 442 403",
                 .by_name = true},
    QuestionKind{.command = "MODE",
                 .form = "list:e",
                 .replies = "348",
                 .last = "349",
                 .errors = "482 442 403",
                 .by_name = true},
    QuestionKind{.command = "MODE",
                 .form = "list:q",
                 .replies = "728 386",
                 .last = "729 387",
                 .errors = "482 442 403",
                 .by_name = true},
    QuestionKind{.command = "MODE",
                 .form = "list:g",
                 .replies = "941",
                 .last = "940",
                 .errors = "482 442 403",
                 .by_name = true},
    QuestionKind{.command = "MODE",
                 .form = "list:w",
                 .replies = "910",
                 .last = "911",
                 .errors = "482 442 403",
                 .by_name = true},
    QuestionKind{.command = "MODE",
                 .form = "list:X",
                 .replies = "954",
                 .last = "953",
                 .errors = "482 442 403",
                 .by_name = true},
    QuestionKind{.command = "MODE",
                 .form = "set",
                 .errors = "401 403 441 442 461 467 472 476 478 481 482 501 502 696 697 698 742 974",
                 .changes = true},
    QuestionKind{.command = "TOPIC",
                 .form = "query",
                 .last = "331 332",
                 .trailing = "333",
                 .errors = "403 442",
                 .by_name = true},
    QuestionKind{.command = "TOPIC", .form = "set", .errors = "403 442 482", .changes = true},
    QuestionKind{.command = "MOTD", .replies = "375 372", .last = "376 422", .errors = "402", .elsewhere = 1},
    QuestionKind{.command = "VERSION", .last = "351", .trailing = "005 105", .errors = "402", .elsewhere = 1},
    QuestionKind{.command = "TIME", .last = "391", .errors = "402", .elsewhere = 1},
    QuestionKind{
        .command = "ADMIN", .replies = "256 257 258", .last = "259 423", .errors = "402", .elsewhere = 1},
    QuestionKind{.command = "INFO", .replies = "371 373", .last = "374", .errors = "402", .elsewhere = 1},
    QuestionKind{.command = "LUSERS",
                 .replies = "250 251 252 253 254 265",
                 .last = "255 266",
                 .trailing = "265 266 250",
                 .errors = "402",
                 .elsewhere = 2},
    QuestionKind{
        .command = "STATS",
        .replies = "210 211 212 213 214 215 216 217 218 220 221 222 223 224 225 226 227 228 229 230 231 232 "
                   "233 234 235 236 237 238 239 240 241 242 243 244 245 246 247 248 249 250 294 295",
        .last = "219",
        .errors = "481 402 263",
        .elsewhere = 2},
    QuestionKind{.command = "TRACE",
                 .replies = "200 201 202 203 204 205 206 207 208 209 261 709",
                 .last = "262",
                 .errors = "402 481",
                 .elsewhere = 1},
    QuestionKind{.command = "ETRACE", .replies = "708 709", .last = "759 262", .errors = "481"},
    QuestionKind{.command = "USERHOST", .last = "302"},
    QuestionKind{.command = "USERIP", .last = "340"},
    QuestionKind{.command = "ISON", .last = "303"},
    // Some networks say no end of it.
    QuestionKind{.command = "HELP", .replies = "290 291 292 293 524 704 705 706"},
    QuestionKind{.command = "HELPOP", .replies = "290 291 292 293 524 704 705 706"},
    QuestionKind{.command = "RULES", .replies = "232 308 632 633", .last = "309 434 634"},
    QuestionKind{.command = "INVITE", .form = "list", .replies = "336 346", .last = "337 347"},
    QuestionKind{.command = "INVITE",
                 .last = "341",
                 .trailing = "301",
                 .errors = "401 403 442 443 482 518",
                 .changes = true},
    QuestionKind{.command = "SILENCE", .replies = "271", .last = "272", .errors = "511", .changes = true},
    QuestionKind{
        .command = "ACCEPT", .replies = "281", .last = "282", .errors = "456 457 458", .changes = true},
    QuestionKind{.command = "WATCH",
                 .replies = "600 601 602 603 604 605 606 607 608 609 597 598 599",
                 .errors = "512"},
    QuestionKind{.command = "MONITOR", .replies = "732", .last = "733", .errors = "734"},
    QuestionKind{.command = "KNOCK", .last = "710 711", .errors = "480 712 713 714 401 403", .changes = true},
    QuestionKind{.command = "OPER", .last = "381", .errors = "464 491", .changes = true},
    QuestionKind{.command = "AWAY", .last = "305 306", .errors = "429", .prompt = true, .changes = true},
    QuestionKind{.command = "REHASH", .last = "382", .errors = "481", .changes = true, .elsewhere = 1},
    QuestionKind{.command = "SERVLIST", .replies = "234", .last = "235"},
    QuestionKind{.command = "METADATA",
                 .replies = "760 761 770 771 772 774",
                 .last = "762 766",
                 .errors = "764 765 767 768 769"},
    // Answered only when they are refused: what they change comes back as a line of its own.
    QuestionKind{.command = "PRIVMSG",
                 .replies = "301",
                 .trailing = "717",
                 .errors = "401 402 403 404 405 407 408 411 412 413 414 415 437 440 442 472 477 486 487 "
                           "489 494 521 531 716",
                 .changes = true},
    QuestionKind{.command = "NOTICE",
                 .replies = "301",
                 .trailing = "717",
                 .errors = "401 402 403 404 405 407 408 411 412 413 414 415 437 440 442 472 477 486 487 "
                           "489 494 521 531 716",
                 .changes = true},
    QuestionKind{.command = "TAGMSG", .errors = "401 403 404 407 442 477", .changes = true},
    QuestionKind{.command = "JOIN",
                 .errors =
                     "403 405 407 437 448 460 470 471 473 474 475 476 477 479 480 485 489 495 500 519 520 "
                     "926",
                 .changes = true},
    QuestionKind{.command = "PART", .errors = "403 442", .changes = true},
    QuestionKind{.command = "KICK", .errors = "401 403 441 442 482 485 972", .changes = true},
    QuestionKind{.command = "NICK", .errors = "431 432 433 435 436 437 438 447 484", .changes = true},
    QuestionKind{.command = "KILL", .errors = "401 402 481 483 485", .changes = true},
    QuestionKind{.command = "CPRIVMSG", .errors = "401 403 404 412 461 482 491", .changes = true},
    QuestionKind{.command = "CNOTICE", .errors = "401 403 404 412 461 482 491", .changes = true},
    QuestionKind{.command = "WALLOPS", .errors = "461 481", .changes = true},
    QuestionKind{.command = "SAMODE", .errors = "401 403 461 481", .changes = true},
    QuestionKind{.command = "SAJOIN", .errors = "401 403 461 481", .changes = true},
    QuestionKind{.command = "SAPART", .errors = "401 403 461 481", .changes = true},
    QuestionKind{.command = "SANICK", .errors = "401 433 461 481", .changes = true},
    QuestionKind{.command = "CHGHOST", .errors = "401 461 481", .changes = true},
    QuestionKind{.command = "CHGIDENT", .errors = "401 461 481", .changes = true},
    QuestionKind{.command = "KLINE", .errors = "461 481", .changes = true},
    QuestionKind{.command = "UNKLINE", .errors = "461 481", .changes = true},
    QuestionKind{.command = "SETNAME", .changes = true},
};

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

QuestionKindId question_kind_of(const irc::Message& message) {
  const std::string_view form = form_of(message);
  const auto* kind = std::find_if(kKinds.begin() + 1, kKinds.end(), [&](const QuestionKind& k) {
    return irc::same_command(k.command, message.command) && k.form == form;
  });
  return kind == kKinds.end() ? kUnknownKind : static_cast<QuestionKindId>(kind - kKinds.begin());
}

const QuestionKind& question_kind(QuestionKindId id) {
  return kKinds.at(id);
}

bool holds_word(std::string_view list, std::string_view word) {
  for (std::size_t at = 0; at + word.size() <= list.size(); at += word.size() + 1) {
    if (list.substr(at, word.size()) == word) return true;
  }
  return false;
}

}  // namespace halley
