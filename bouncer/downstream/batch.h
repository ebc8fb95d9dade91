// A batch of lines for one client. Source: https://ircv3.net/specs/extensions/batch
//
// Thread: the loop's.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "bouncer/downstream/downstream.h"

namespace halley {

struct Batch {
  std::string_view type;
  std::string_view target = {};  // its parameter; empty: none
  // Nothing is left behind this page (draft/chathistory-end), which a client that takes tags is told.
  bool ends_history = false;
};

// Returns the reference, which is empty for a client that knows no batches: it gets the lines alone.
std::string open_batch(Downstream& client, const Batch& batch);
void close_batch(Downstream& client, std::string_view reference);

// Runs `lines(reference)` within a batch.
template <typename Lines>
void in_batch(Downstream& client, const Batch& batch, Lines&& lines) {
  const std::string reference = open_batch(client, batch);
  std::forward<Lines>(lines)(reference);
  close_batch(client, reference);
}

}  // namespace halley
