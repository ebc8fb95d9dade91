#include "bouncer/downstream/batch.h"

#include <fmt/format.h>

#include <vector>

#include "bouncer/irc/message.h"

namespace halley {

std::string open_batch(Downstream& client, const Batch& batch) {
  if (!client.caps().has(irc::Cap::kBatch)) return {};
  std::string reference = client.next_batch_reference();
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
  return reference;
}

void close_batch(Downstream& client, std::string_view reference) {
  if (reference.empty()) return;
  client.send(irc::format_line(client.server_name(), "BATCH", {fmt::format("-{}", reference)}));
}

}  // namespace halley
