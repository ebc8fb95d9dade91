// The present state of a network as the IRC lines that a server would have sent: for a client that attaches.
// A value that views the Network, which must outlive it. Thread: the loop's.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace halley {

struct Channel;
class Network;

// How names are written, from the reader's capabilities.
struct NamesStyle {
  bool multi_prefix = false;
  bool userhost = false;
  bool extended_join = false;
};

class Burst {
 public:
  using Sink = std::function<void(std::string_view line)>;  // no CR LF
  Burst(const Network& network, NamesStyle style);

  // RPL_ISUPPORT of the network, as many lines as it takes; `extra`: further tokens of ours, separated by
  // spaces.
  void isupport(const Sink& sink, std::string_view extra = {}) const;
  // Our JOIN alone: topic and names follow. REQUIRES (here and below): a channel of this network.
  void join(const Channel& channel, const Sink& sink) const;
  void topic(const Channel& channel, const Sink& sink) const;
  void names(const Channel& channel, const Sink& sink) const;
  // How much names() comes to, roughly.
  std::size_t bytes_of_names(const Channel& channel) const;
  std::string end_of_names(std::string_view channel) const;
  void modes(const Channel& channel, const Sink& sink) const;  // 324 and 329

  const std::string& nick() const { return nick_; }
  const std::string& server() const { return server_; }
  std::string own_mask() const;         // nick!user@host
  const std::string& realname() const;  // as it is given to the network

 private:
  const Network& network_;
  NamesStyle style_;
  std::string nick_, server_;
};

}  // namespace halley
