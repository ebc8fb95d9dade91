// Lines that were taken back (REDACT): which ones, so that no history shows them again. Kept over restarts.
// Their text is erased in the store; until that is done, and in the journal's ring for as long as that holds
// it, whoever reads the log asks here.
// Source: https://ircv3.net/specs/extensions/message-redaction
//
// Thread: the loop's. Owner: the User. A successor takes them from the store, and erases what is left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bouncer/core/durable_state.h"
#include "storage/api/store.h"

namespace halley {

class Redactions final : public StateOwner {
 public:
  // Of a user; beyond, the one that was taken back longest ago is forgotten.
  static constexpr std::size_t kMostRedactions = 4000;
  // Erased in one commit: a storm of them is not one long transaction.
  static constexpr std::size_t kMostErasedAtOnce = 64;

  // Takes what was kept, and goes on erasing where a crash stopped it. `states` and `store` outlive it.
  Redactions(DurableState& states, storage::Store& store, storage::UserId user);

  // The line of the buffer that bears this msgid of the network's is not to be shown again; its text goes.
  // REQUIRES: the journal has room for two records.
  void add(storage::NetworkId network, storage::BufferId buffer, std::string_view msgid);
  bool has(const storage::Event& event) const { return lines_ && taken_back(*lines_, event); }
  // Was such a line taken back there before it came?
  bool has(storage::NetworkId network, storage::BufferId buffer, std::string_view msgid) const;
  // The event as it is when it was taken back. It views `event`.
  static storage::Event without_text(const storage::Event& event);
  void forget_network(storage::UserId user, storage::NetworkId network) override;

  // Leaves out of a page what was taken back, as it is when the page comes; the user may be gone by then.
  template <typename Done>
  auto without(Done done) const {
    return [lines = lines(), done = std::move(done)](std::expected<storage::Page, std::string> page) {
      if (page && !lines->empty()) {
        std::erase_if(page->events, [&](const storage::Event& event) { return taken_back(*lines, event); });
      }
      done(std::move(page));
    };
  }

 private:
  struct Line {
    storage::BufferId buffer;
    std::uint64_t added;  // counts: the smallest was added longest ago
  };
  // Looked for by a view: no event that is read costs memory.
  struct Order {
    using is_transparent = void;
    using KeyView = std::pair<storage::NetworkId, std::string_view>;
    bool operator()(const KeyView& a, const KeyView& b) const { return a < b; }
  };
  using Lines = std::map<std::pair<storage::NetworkId, std::string>, Line, Order>;
  using ByAge = std::map<std::uint64_t, Lines::const_iterator>;
  static bool taken_back(const Lines& lines, const storage::Event& event);
  void put(const Lines::key_type& key, std::string_view value);
  void erase_later(const Lines::key_type& key);
  void erase();
  void erased(const Lines::key_type& key);
  void forget_oldest();
  void mark_erased(Lines::const_iterator line);

  // Made when first asked for: most users have none, and few read pages.
  const std::shared_ptr<Lines>& lines() const;
  struct Kept {
    std::uint64_t count = 0;
    ByAge erased, unerased;                // those whose text is gone, and those whose text is not, by age
    std::deque<Lines::key_type> to_erase;  // kMostRedactions at most
    bool erasing = false;
    std::shared_ptr<int> alive = std::make_shared<int>(0);  // the store's answers check that we still live
  };
  Kept& kept();

  storage::Store& store_;
  const storage::UserId user_;
  mutable std::shared_ptr<Lines> lines_;
  std::unique_ptr<Kept> kept_;  // null: no line is
};

}  // namespace halley
