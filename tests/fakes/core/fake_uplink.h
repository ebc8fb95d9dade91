// A network's link that a test plays: writes down what it was told, and stands as the test says.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/core/uplink.h"

namespace halley::fakes {

class FakeUplink final : public Uplink {
 public:
  // --- What the test sets and reads ---
  Link link_is = Link::kConnected;
  std::string trouble_is;
  bool full = false;                   // takes no more lines
  bool queues = false;                 // what is said waits for its pace
  irc::MultilineLimits multiline_is;   // that the network takes
  std::vector<std::uint64_t> numbers;  // of what was said
  std::vector<std::string> told;   // "start", "stop REASON", "restart REASON", "regain NICK", "room", "eased"
  std::vector<std::string> lines;  // that were sent or asked
  std::vector<std::pair<ClientId, std::string>> questions;  // the asker, the line
  std::vector<ClientId> forgotten;
  std::vector<std::string> take_told() { return std::exchange(told, {}); }
  std::vector<std::string> take_lines() { return std::exchange(lines, {}); }

  // --- Uplink ---
  void start() override {
    told.emplace_back("start");
    link_is = Link::kConnected;
  }
  void stop(std::string_view reason) override {
    told.push_back("stop " + std::string(reason));
    link_is = Link::kDisabled;
  }
  void restart(std::string_view reason) override { told.push_back("restart " + std::string(reason)); }
  Link link() const override { return link_is; }
  const std::string& trouble() const override { return trouble_is; }
  void room() override { told.emplace_back("room"); }
  void clients_eased() override { told.emplace_back("eased"); }
  [[nodiscard]] bool send(std::string_view line) override {
    if (full) return false;
    lines.emplace_back(line);
    return true;
  }
  [[nodiscard]] bool ask(AskedBy asker, std::string_view line) override {
    questions.emplace_back(asker.client, line);
    return send(line);
  }
  [[nodiscard]] Spoken speak(AskedBy asker, std::string_view line, std::uint64_t number) override {
    if (!ask(asker, line)) return Spoken::kFull;
    numbers.push_back(number);
    return queues ? Spoken::kQueued : Spoken::kSent;
  }
  bool has_room() const override { return !full; }
  irc::MultilineLimits multiline() const override { return multiline_is; }
  void forget(ClientId asker) override { forgotten.push_back(asker); }
  void ask_channel(std::string_view name, std::string_view key) override {
    told.push_back("ask " + std::string(name) + (key.empty() ? "" : " ") + std::string(key));
  }
  void give_up_channel(std::string_view name) override { told.push_back("give up " + std::string(name)); }
  void ask_nick(std::string_view nick) override { told.push_back("ask nick " + std::string(nick)); }
  void ask_away(std::string_view text) override { told.push_back("ask away " + std::string(text)); }
  void presence_changed() override {}
  void monitor(ClientId, const irc::Message& message) override {
    told.push_back("monitor " + std::string(message.param(0)) + " " + std::string(message.param(1)));
  }
  const std::string& wanted_nick() const override { return wanted_; }
  void want_nick(std::string_view nick) override { wanted_ = nick; }
  void regain_nick() override { told.push_back("regain " + wanted_); }

 private:
  std::string wanted_;
};

}  // namespace halley::fakes
