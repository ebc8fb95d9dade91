// How many of something each holder has at once: connections of an address, questions of a user. A place is
// given back when its last copy goes.
//
// Thread: the loop's. Places may outlive the count. Bound: what has no place is not kept. A
// successor counts anew as holders come to it.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>

namespace halley::net {

template <typename Holder>
class PlaceCount {
 public:
  // Null: the holder has `most` already.
  std::shared_ptr<void> take(const Holder& holder, std::size_t most) {
    std::size_t& count = (*counts_)[holder];
    if (count >= most) {
      if (count == 0) counts_->erase(holder);
      return nullptr;
    }
    ++count;
    return {static_cast<void*>(counts_.get()), [counts = counts_, holder](void*) {
              const auto at = counts->find(holder);
              if (--at->second == 0) counts->erase(at);
            }};
  }

 private:
  using Counts = std::map<Holder, std::size_t, std::less<>>;
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace halley::net
