// How much memory of one kind each holder has: a bound of what waits for peers that do not read.
//
// Thread: the loop's. What was taken may outlive the count.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>

namespace halley::net {

template <typename Holder>
class ByteCount {
 public:
  // Null: with these the holder would have more than `most`. (Who has none may take any number.) They are
  // given back when the last copy goes.
  std::shared_ptr<void> take(const Holder& holder, std::size_t bytes, std::size_t most) {
    std::size_t& held = (*held_)[holder];
    if (held > 0 && held + bytes > most) return nullptr;
    held += bytes;
    return {static_cast<void*>(held_.get()), [all = held_, holder, bytes](void*) {
              const auto at = all->find(holder);
              if (at != all->end() && (at->second -= bytes) == 0) all->erase(at);
            }};
  }
  std::size_t of(const Holder& holder) const {
    const auto at = held_->find(holder);
    return at == held_->end() ? 0 : at->second;
  }
  std::size_t in_all() const {
    std::size_t sum = 0;
    for (const auto& [holder, bytes] : *held_) sum += bytes;
    return sum;
  }

 private:
  using Held = std::map<Holder, std::size_t, std::less<>>;
  std::shared_ptr<Held> held_ = std::make_shared<Held>();
};

}  // namespace halley::net
