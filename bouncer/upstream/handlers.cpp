#include "bouncer/upstream/handlers.h"

#include <string>
#include <unordered_map>

#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

using Rows = std::unordered_map<std::string_view, const UpstreamRow*>;

// All rows by command, made once.
const Rows& all_rows() {
  static const Rows kRows = [] {
    Rows rows;
    for (const auto part : {registration_rows(), cap_rows(), sasl_rows(), channel_rows(), refusal_rows(),
                            presence_rows(), message_rows()}) {
      for (const UpstreamRow& row : part) rows.emplace(row.command, &row);
    }
    return rows;
  }();
  return kRows;
}

const UpstreamRow* find_row(std::string_view command) {
  const auto at = all_rows().find(command);
  return at == all_rows().end() ? nullptr : at->second;
}

}  // namespace

void handle_upstream_line(Upstream& up, const irc::Message& message) {
  up.match(message);
  const UpstreamRow* row = find_row(message.command);
  if (!row) {
    // Servers write commands in capitals; one that does not is still understood.
    std::string upper(message.command);
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    row = find_row(upper);
  }
  if (row) {
    if (message.param_count >= row->min_params) row->run(up, message);
    return;
  }
  if (up.link() == Link::kConnected) up.route(message);
}

}  // namespace halley
