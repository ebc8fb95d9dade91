#include "tests/bench/network_connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "tests/bench/sockets.h"

namespace bench {
namespace {

constexpr std::size_t kFloodChunk = std::size_t{64} << 10;
constexpr std::string_view kServer = ":bench.net ";

std::string time_tag() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  char text[64];
  const std::size_t length = std::strftime(text, sizeof text, "@time=%Y-%m-%dT%H:%M:%S", &parts);
  return std::string(text, length) + "." + std::to_string(1000 + now.tv_nsec / 1'000'000).substr(1) + "Z ";
}

}  // namespace

NetworkConnection::NetworkConnection(int descriptor, const NetworkOptions& options, const LineWriter& writer,
                                     NetworkTotals& totals)
    : descriptor_(descriptor), options_(options), writer_(writer), totals_(totals) {}

NetworkConnection::~NetworkConnection() {
  if (welcomed_) --totals_.registered;
  totals_.joined -= channels_.size();
  close(descriptor_);
}

bool NetworkConnection::read() {
  char bytes[65536];
  const ssize_t got = recv(descriptor_, bytes, sizeof bytes, 0);
  if (got == 0) return false;
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  in_.append(bytes, static_cast<std::size_t>(got));
  std::size_t at = 0;
  for (std::size_t end = in_.find('\n'); end != std::string::npos; end = in_.find('\n', at)) {
    std::string_view line = std::string_view(in_).substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    command(line);
    at = end + 1;
  }
  in_.erase(0, at);
  return in_.size() < 65536 && write();
}

bool NetworkConnection::write() {
  while (true) {
    if (out_at_ == out_.size()) {
      out_.clear();
      out_at_ = 0;
      fill();
      if (out_.empty()) return true;
    }
    const ssize_t sent = send(descriptor_, out_.data() + out_at_, out_.size() - out_at_, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    out_at_ += static_cast<std::size_t>(sent);
  }
}

void NetworkConnection::fill() {
  const std::uint64_t now = flood_left_ > 0 ? now_ns() : 0;
  while (flood_left_ > 0 && out_.size() < kFloodChunk) {
    append_line(now, flood_spread_);
    --flood_left_;
  }
  if (flood_left_ == 0 && ping_after_) {
    ping_after_ = false;
    out_ += "PING :bench\r\n";
  }
}

void NetworkConnection::append_line(std::uint64_t sent_ns, bool spread) {
  const std::string& channel = channels_[spread ? turn_++ % channels_.size() : 0];
  if (options_.tags) out_ += time_tag();
  writer_.append(out_, channel, options_.members, Stamp{next_sequence_++, sent_ns});
}

bool NetworkConnection::speak(bool spread) {
  append_line(now_ns(), spread);
  return write();
}

void NetworkConnection::flood(std::uint64_t lines, bool spread, bool ping_after) {
  flood_left_ = lines;
  flood_spread_ = spread;
  ping_after_ = ping_after;
}

void NetworkConnection::queue(std::string_view line) {
  out_ += kServer;
  out_ += line;
  out_ += "\r\n";
}

void NetworkConnection::command(std::string_view line) {
  const Words words = split_words(line);
  if (words.empty()) return;
  const std::string& name = words[0];
  const std::string& first = words.size() > 1 ? words[1] : nick_;
  if (name == "PRIVMSG") return said(line);
  if (name == "PING") return queue("PONG bench.net " + first);
  if (name == "PONG") return void(++totals_.pongs);
  if (name == "CAP") return cap(words);
  if (name == "NICK") {
    nick_ = first.starts_with(':') ? first.substr(1) : first;
    return welcome_when_ready();
  }
  if (name == "USER") {
    user_seen_ = true;
    return welcome_when_ready();
  }
  if (name == "JOIN") return join(first);
  if (name == "MODE" && words.size() == 2 && first.starts_with('#'))
    return queue("324 " + nick_ + " " + first + " +nt");
  if (name == "USERHOST") return queue("302 " + nick_ + " :" + first + "=+bench@bench.host");
  if (name == "WHO") return queue("315 " + nick_ + " " + first + " :End of WHO list");
}

void NetworkConnection::cap(const Words& words) {
  const std::string who = nick_.empty() ? "*" : nick_;
  const std::string action = words.size() > 1 ? words[1] : "";
  if (action == "END") {
    negotiating_ = false;
    return welcome_when_ready();
  }
  if (!welcomed_) negotiating_ = true;
  if (action == "LS" || action == "LIST") queue("CAP " + who + " " + action + " :" + options_.caps);
  if (action != "REQ") return;
  std::string wanted;
  bool known = true;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const std::string cap = words[i].starts_with(':') ? words[i].substr(1) : words[i];
    known = known && (" " + options_.caps + " ").find(" " + cap + " ") != std::string::npos;
    wanted += (wanted.empty() ? "" : " ") + cap;
  }
  queue("CAP " + who + (known ? " ACK :" : " NAK :") + wanted);
}

void NetworkConnection::welcome_when_ready() {
  if (welcomed_ || negotiating_ || nick_.empty() || !user_seen_) return;
  welcomed_ = true;
  ++totals_.registered;
  queue("001 " + nick_ + " :Welcome to the bench network " + nick_);
  queue("002 " + nick_ + " :Your host is bench.net");
  queue("003 " + nick_ + " :This server was created for measuring");
  queue("004 " + nick_ + " bench.net bench-1 io nt");
  queue("005 " + nick_ +
        " CHANTYPES=# PREFIX=(ov)@+ CHANMODES=b,k,l,imnpst NETWORK=bench NICKLEN=30 CHANNELLEN=50"
        " CASEMAPPING=ascii MODES=4 :are supported by this server");
  queue("422 " + nick_ + " :MOTD File is missing");
}

void NetworkConnection::join(std::string_view list) {
  std::size_t at = 0;
  while (at <= list.size()) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    const std::string channel(list.substr(at, end - at));
    at = end + 1;
    if (!channel.starts_with('#')) continue;
    out_ += ":" + nick_ + "!u@h JOIN " + channel + "\r\n";
    queue("332 " + nick_ + " " + channel + " :the topic of " + channel);
    queue("333 " + nick_ + " " + channel + " peer00000!u@h 1700000000");
    names(channel, channels_.size());
    channels_.push_back(channel);
    ++totals_.joined;
  }
}

// Channel n holds the n-th run of `members` nicknames out of the pool, which wraps around.
void NetworkConnection::names(const std::string& channel, std::size_t number) {
  const std::string front = "353 " + nick_ + " = " + channel + " :";
  std::string line = front + nick_;
  const std::size_t pool = std::max(options_.pool, options_.members);
  for (std::size_t i = 0; i < options_.members; ++i) {
    if (kServer.size() + line.size() > 490) {
      queue(line);
      line = front;
    }
    if (line.size() > front.size()) line += ' ';
    line += i == 0 ? "@" : i % 10 == 0 ? "+" : "";
    line += member_nick((number * options_.members + i) % pool);
  }
  queue(line);
  queue("366 " + nick_ + " " + channel + " :End of /NAMES list.");
}

void NetworkConnection::said(std::string_view line) {
  Stamp stamp;
  if (!find_stamp(line, stamp)) return;
  ++totals_.received;
  totals_.latency.record(now_ns() - stamp.sent_ns);
  if (stamp.sequence > expected_) totals_.gaps += stamp.sequence - expected_;
  if (stamp.sequence < expected_)
    ++totals_.late;
  else
    expected_ = stamp.sequence + 1;
}

}  // namespace bench
