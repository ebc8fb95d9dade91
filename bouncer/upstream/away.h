// Whether the user is away on one network, as it confirmed; said again on each link.
//
// A value. Thread: the loop's. Owner: the Upstream.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace halley {

class Away {
 public:
  // A client's AWAY is on its way to the network, or (`no_link`) will be. Empty: back again.
  void ask(std::string_view text, bool no_link) {
    if (no_link) {
      text_ = text;
      return;
    }
    if (asked_.size() == kMostAsked) asked_.erase(asked_.begin());
    asked_.emplace_back(text);
  }
  // 305 or 306: the oldest question is answered.
  void told(bool away) {
    const std::string asked = asked_.empty() ? text_ : asked_.front();
    if (!asked_.empty()) asked_.erase(asked_.begin());
    text_ = !away ? std::string() : asked.empty() ? std::string("away") : asked;
  }
  void link_gone() {
    if (!asked_.empty()) text_ = asked_.back();  // what was asked for and not answered is still wanted
    asked_.clear();
  }
  const std::string& text() const { return text_; }  // empty: not away

 private:
  static constexpr std::size_t kMostAsked = 8;
  std::string text_;
  std::vector<std::string> asked_;
};

}  // namespace halley
