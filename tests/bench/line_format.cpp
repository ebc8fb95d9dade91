#include "tests/bench/line_format.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <random>

namespace bench {
namespace {

constexpr std::size_t kVocabulary = 2000;
constexpr std::size_t kProseWords = 16384;

bool read_number(const char*& at, const char* end, std::uint64_t& value) {
  const char* const begin = at;
  value = 0;
  while (at < end && *at >= '0' && *at <= '9') value = value * 10 + static_cast<std::uint64_t>(*at++ - '0');
  return at > begin && at < end && *at == ' ';
}

std::vector<std::string> make_vocabulary(std::mt19937& random) {
  static constexpr std::string_view kConsonants = "bcdfghklmnprstvw";
  static constexpr std::string_view kVowels = "aeiou";
  std::vector<std::string> words(kVocabulary);
  for (std::string& word : words) {
    const std::size_t syllables = 1 + random() % 4;
    for (std::size_t i = 0; i < syllables; ++i) {
      word += kConsonants[random() % kConsonants.size()];
      word += kVowels[random() % kVowels.size()];
    }
  }
  return words;
}

}  // namespace

bool read_stamp(const char* text, const char* end, Stamp& stamp) {
  if (!read_number(text, end, stamp.sequence)) return false;
  ++text;
  return read_number(text, end, stamp.sent_ns);
}

bool find_stamp(std::string_view line, Stamp& stamp) {
  const char* const begin = line.data();
  const char* const end = begin + line.size();
  // The text has a fixed length and ends a plain line, or ends two bytes earlier in a JSON frame: looking
  // from the end keeps the receiver several times cheaper than what it measures.
  for (const std::size_t trailer : {std::size_t{0}, std::size_t{2}}) {
    if (line.size() <= kTextLength + trailer) return false;
    const char* const text = end - kTextLength - trailer;
    if (text[-1] == ':' && text[-2] == ' ' && read_stamp(text, end, stamp)) return true;
  }
  const std::size_t command = line.find("PRIVMSG ");
  if (command == std::string_view::npos) return false;
  const std::size_t colon = line.find(" :", command);
  if (colon == std::string_view::npos) return false;
  return read_stamp(begin + colon + 2, end, stamp);
}

std::string member_nick(std::size_t index) {
  std::string digits = std::to_string(index);
  if (digits.size() < 5) digits.insert(0, 5 - digits.size(), '0');
  return "peer" + digits;
}

LineWriter::LineWriter() {
  std::mt19937 random(1910);  // fixed: every run sends the same words
  const std::vector<std::string> words = make_vocabulary(random);
  for (std::size_t i = 0; i < kProseWords; ++i) {
    // Zipf's law, roughly: the rank is exponential in a uniform variable.
    const double uniform = static_cast<double>(random() % 1'000'000U) / 1e6;
    const auto rank = static_cast<std::size_t>(std::exp(uniform * std::log(double{kVocabulary})));
    starts_.push_back(static_cast<std::uint32_t>(prose_.size()));
    prose_ += words[rank - 1];
    prose_ += ' ';
  }
  prose_.append(prose_, 0, kTextLength);
}

void LineWriter::append_text(std::string& out, const Stamp& stamp) const {
  char text[2 * kTextLength];  // two numbers of 20 digits always fit
  char* const end = text + kTextLength;
  char* at = std::to_chars(text, text + 20, stamp.sequence).ptr;
  *at++ = ' ';
  at = std::to_chars(at, at + 20, stamp.sent_ns).ptr;
  *at++ = ' ';
  const std::uint32_t start = starts_[(stamp.sequence * 7919) % starts_.size()];
  std::memcpy(at, prose_.data() + start, static_cast<std::size_t>(end - at));
  if (end[-1] == ' ') end[-1] = '.';
  out.append(text, kTextLength);
}

void LineWriter::append(std::string& out, std::string_view channel, std::size_t members,
                        const Stamp& stamp) const {
  char prefix[] = ":peer00000!u@h PRIVMSG ";
  std::size_t member = members == 0 ? 0 : static_cast<std::size_t>(stamp.sequence % members);
  for (char* digit = prefix + 9; member > 0 && digit > prefix + 4; --digit, member /= 10)
    *digit = static_cast<char>('0' + member % 10);
  out.append(prefix, sizeof prefix - 1);
  out.append(channel);
  out.append(" :", 2);
  append_text(out, stamp);
  out.append("\r\n", 2);
}

void LineWriter::append_command(std::string& out, std::string_view tags, std::string_view target,
                                const Stamp& stamp) const {
  if (!tags.empty()) out.append(tags).append(1, ' ');
  out.append("PRIVMSG ");
  out.append(target);
  out.append(" :", 2);
  append_text(out, stamp);
  out.append("\r\n", 2);
}

}  // namespace bench
