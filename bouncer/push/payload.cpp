#include "bouncer/push/payload.h"

#include "bouncer/irc/fit.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/time_tag.h"
#include "bouncer/push/encryption.h"
#include "storage/api/msgid.h"

namespace halley::push {
namespace {

// Of a line that was said on a network, for who has subscribed to all of them.
constexpr std::string_view kNetworkTag = "halley/network";
static_assert(kMaxPushText > irc::kClientFits);

class Tags {
 public:
  // With what stands around them no longer than `most`.
  explicit Tags(std::size_t most) : most_(most) {}
  void add(std::string_view key, std::string_view value) {
    const std::size_t size = text_.size() + key.size() + (value.empty() ? 0 : 1 + value.size());
    if (size + 2 > most_) return;  // and what separates it, from those before and from the line
    text_ += text_.empty() ? '@' : ';';
    text_ += key;
    if (!value.empty()) (text_ += '=') += value;
  }
  std::string before(std::string_view line) {
    if (!text_.empty()) text_ += ' ';
    return text_ += line;
  }

 private:
  const std::size_t most_;
  std::string text_;
};

void add_network(Tags& tags, const Subscription& subscription, std::string_view network) {
  if (subscription.network != 0 || !subscription.tags) return;
  std::string value;
  irc::append_escaped_tag_value(value, network);
  tags.add(kNetworkTag, value);
}

}  // namespace

std::optional<std::string> line_payload(const PushedLine& line, const Subscription& subscription,
                                        std::string_view network) {
  std::string text(line.text);
  if (!irc::fit_line(text, 0)) return std::nullopt;
  Tags tags(kMaxPushText - text.size());
  if (subscription.time) {
    std::string time;
    irc::append_time(time, line.time_ms);
    tags.add("time", time);
  }
  if (subscription.tags) {
    tags.add("msgid", line.msgid.empty() ? storage::msgid_of(line.id) : std::string(line.msgid));
    add_network(tags, subscription, network);
    irc::for_each_tag(line.tags, [&](std::string_view key, std::string_view value) { tags.add(key, value); });
  }
  return tags.before(text);
}

std::string read_payload(std::string_view server, std::string_view target, std::int64_t time_ms,
                         const Subscription& subscription, std::string_view network) {
  std::string mark = "timestamp=";
  irc::append_time(mark, time_ms);
  Tags tags(kMaxPushText / 2);
  add_network(tags, subscription, network);
  return tags.before(irc::format_line(server, "MARKREAD", {target, mark}));
}

}  // namespace halley::push
