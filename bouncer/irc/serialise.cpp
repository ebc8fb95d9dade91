// The writing half of message.h: the one serialiser.
#include <algorithm>
#include <cstring>

#include "bouncer/irc/bytes.h"
#include "bouncer/irc/message.h"

namespace halley::irc {
namespace {

// A field that ends at the next space.
std::string_view word_or_star(std::string_view field) {
  return field.empty() || contains(field, ' ') ? std::string_view("*") : field;
}

std::string_view middle_or_star(std::string_view param) {
  return param.empty() || param[0] == ':' ? std::string_view("*") : word_or_star(param);
}

char* put(char* at, std::string_view text) {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

char* put(char* at, char c) {
  *at = c;
  return at + 1;
}

struct Fields {
  std::string_view tags, source, command;
  std::span<const std::string_view> params;
  bool colon;

  // More than is ever written.
  std::size_t bound() const {
    std::size_t size = tags.size() + source.size() + command.size() + 8;
    for (const std::string_view param : params) size += param.size() + 3;
    return size;
  }

  char* write(char* at) const {
    if (!tags.empty() && !contains(tags, ' ')) at = put(put(put(at, '@'), tags), ' ');
    if (!source.empty()) at = put(put(put(at, ':'), word_or_star(source)), ' ');
    at = put(at, is_command(command) ? command : std::string_view("*"));
    for (std::size_t i = 0; i < params.size(); ++i) {
      const std::string_view param = params[i];
      at = put(at, ' ');
      if (i + 1 < params.size()) {
        at = put(at, middle_or_star(param));
        continue;
      }
      if (colon || param.empty() || param[0] == ':' || contains(param, ' ')) at = put(at, ':');
      at = put(at, param);
    }
    return at;
  }
};

void append_fields(std::string& out, const Fields& fields) {
  const std::size_t start = out.size();
  out.resize_and_overwrite(start + fields.bound(), [&](char* data, std::size_t) {
    return static_cast<std::size_t>(fields.write(data + start) - data);
  });
}

// Only what would have broken out of its line comes here, so clarity goes before speed.
void append_cleaned(std::string& out, const Fields& fields) {
  const std::string tags = without_forbidden_bytes(fields.tags),
                    source = without_forbidden_bytes(fields.source),
                    command = without_forbidden_bytes(fields.command);
  std::string store;  // all parameters, one after the other, so that no list of strings is needed
  for (const std::string_view param : fields.params) store += without_forbidden_bytes(param);
  std::array<std::string_view, kMaxParams> params;
  std::size_t at = 0, count = 0;
  for (const std::string_view param : fields.params) {
    if (count == kMaxParams) break;
    params[count++] = std::string_view(store).substr(at, param.size());
    at += param.size();
  }
  append_fields(out, {.tags = tags,
                      .source = source,
                      .command = command,
                      .params = {params.data(), count},
                      .colon = fields.colon});
}

}  // namespace

std::string without_forbidden_bytes(std::string_view line) {
  std::string copy(line);
  for (char& c : copy)
    if (c == '\0' || c == '\r' || c == '\n') c = ' ';
  return copy;
}

void append_line(std::string& out, const LineParts& parts) {
  // A line has at most 15 parameters: a reader would take further ones for words of the last.
  const Fields fields{.tags = parts.tags,
                      .source = parts.source,
                      .command = parts.command,
                      .params = parts.params.first(std::min(parts.params.size(), kMaxParams)),
                      .colon = parts.colon};
  const std::size_t start = out.size();
  append_fields(out, fields);
  // One look at the finished line instead of one at each field.
  if (!has_forbidden_byte(std::string_view(out).substr(start))) return;
  out.resize(start);
  append_cleaned(out, fields);
}

std::string format_line(std::string_view source, std::string_view command,
                        std::initializer_list<std::string_view> params) {
  std::string line;
  append_line(line, {.source = source, .command = command, .params = {params.begin(), params.size()}});
  return line;
}

void append_message(std::string& out, const Message& message, bool colon) {
  append_line(out, {.tags = message.tags,
                    .source = message.source,
                    .command = message.command,
                    .params = message.parameters(),
                    .colon = colon});
}

std::string with_tag(std::string_view tag, std::string_view line) {
  std::string tagged = "@";
  tagged += tag;
  if (line.starts_with('@')) {
    const std::size_t end = std::min(line.find(' '), line.size());
    std::string_view others = line.substr(1, end - 1);
    const std::size_t room = kMaxServerTags - std::min(kMaxServerTags, tagged.size() + 2);
    if (others.size() > room) others = others.substr(0, std::min(others.rfind(';', room), others.size()));
    if (others.size() <= room) tagged.append(";").append(others);
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return tagged.append(" ").append(line);
}

void append_body(std::string& out, const Message& message) {
  append_line(out, {.source = message.source, .command = message.command, .params = message.parameters()});
}

}  // namespace halley::irc
