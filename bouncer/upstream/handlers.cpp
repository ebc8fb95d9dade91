#include "bouncer/upstream/handlers.h"

#include <algorithm>
#include <vector>

#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

// All rows, sorted by command, made once.
const std::vector<UpstreamRow>& sorted_rows() {
  static const std::vector<UpstreamRow> kSorted = [] {
    std::vector<UpstreamRow> rows;
    for (const auto part : {registration_rows(), cap_rows(), sasl_rows(), channel_rows(), refusal_rows(),
                            presence_rows(), message_rows()})
      rows.insert(rows.end(), part.begin(), part.end());
    std::sort(rows.begin(), rows.end(),
              [](const UpstreamRow& a, const UpstreamRow& b) { return a.command < b.command; });
    return rows;
  }();
  return kSorted;
}

const UpstreamRow* find_row(std::string_view command) {
  const auto& rows = sorted_rows();
  const auto at =
      std::lower_bound(rows.begin(), rows.end(), command,
                       [](const UpstreamRow& row, std::string_view c) { return row.command < c; });
  return at != rows.end() && at->command == command ? &*at : nullptr;
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
