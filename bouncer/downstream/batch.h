// A batch of lines for one client. Source: https://ircv3.net/specs/extensions/batch
//
// Thread: the loop's.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/downstream/downstream.h"
#include "bouncer/irc/message.h"

namespace halley {

struct Batch {
  std::string_view type;
  std::string_view target = {};  // its parameter; empty: none
  // Nothing is left behind this page (draft/chathistory-end), which a client that takes tags is told.
  bool ends_history = false;
};

// Runs `lines(reference)` within a batch. The reference is empty for a client that knows no batches: it gets
// the lines alone.
template <typename Lines>
void in_batch(Downstream& client, const Batch& batch, Lines&& lines) {
  if (!client.caps().has(irc::Cap::kBatch)) {
    std::forward<Lines>(lines)(std::string());
    return;
  }
  const std::string reference = client.next_batch_reference();
  const std::string opened = "+" + reference;
  std::vector<std::string_view> params{opened, batch.type};
  if (!batch.target.empty()) params.push_back(batch.target);
  std::string line;
  irc::append_line(line, {.tags = batch.ends_history && client.caps().has(irc::Cap::kMessageTags)
                                      ? std::string_view("draft/chathistory-end")
                                      : std::string_view{},
                          .source = client.server_name(),
                          .command = "BATCH",
                          .params = params});
  client.send(line);
  std::forward<Lines>(lines)(reference);
  client.send(irc::format_line(client.server_name(), "BATCH", {"-" + reference}));
}

}  // namespace halley
