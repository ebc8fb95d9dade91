#include "gateway/events/buffer_frames.h"

#include <algorithm>

#include "bouncer/accounts/buffer_settings.h"
#include "bouncer/accounts/rules.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "gateway/http/json_writer.h"

namespace halley::gateway {
namespace {

constexpr std::size_t kBuffersAFrame = 50;
constexpr std::string_view kNetworkTarget = "*";

// As the command line's --json has it: a flag is true or false, a count a number or null.
void append_setting(std::string& out, const BufferSetting& setting, const storage::BufferRow& row) {
  const std::string shown = setting.accessors.show(setting, row, nullptr);
  ((out += ",\"") += setting.json_name()) += "\":";
  if (setting.kind == BufferSetting::Kind::kFlag) {
    out += shown == "yes" ? "true" : "false";
  } else if (setting.kind == BufferSetting::Kind::kCount) {
    out += shown.empty() ? std::string("null") : shown;
  } else {
    append_json_string(out, shown);
  }
}

void append_target(std::string& out, const Network& network, BufferId buffer) {
  const std::string* name = network.buffers().name(buffer);
  out += "{\"target\":";
  append_json_string(out, name == nullptr || name->empty() ? kNetworkTarget : std::string_view(*name));
}

void append_buffer(std::string& out, const Network& network, BufferId buffer) {
  static const storage::BufferRow kNothingSet;
  const storage::BufferRow* set = network.find_set(buffer);
  append_target(out, network, buffer);
  for (const BufferSetting& setting : buffer_settings())
    append_setting(out, setting, set == nullptr ? kNothingSet : *set);
  out += ",\"detached\":";
  out += network.user().detached().has(network.id(), buffer) ? "true}" : "false}";
}

void begin_buffers(std::string& out, const Network& network, bool whole) {
  out += R"({"event":"buffers","network":)";
  append_json_string(out, network.name());
  if (whole) out += ",\"whole\":true";
  out += ",\"buffers\":[";
}

}  // namespace

std::vector<BufferId> set_buffers(const Network& network) {
  std::vector<BufferId> all = network.user().detached().of(network.id());
  for (const storage::BufferRow& row : network.set_buffers()) all.push_back(row.id);
  std::ranges::sort(all);
  const auto [first, last] = std::ranges::unique(all);
  all.erase(first, last);
  std::erase_if(all, [&](BufferId id) { return network.buffers().name(id) == nullptr; });
  return all;
}

void append_buffers_json(std::string& out, const Network& network, std::span<const BufferId> buffers,
                         bool whole) {
  begin_buffers(out, network, whole);
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    if (i > 0) out += ',';
    append_buffer(out, network, buffers[i]);
  }
  out += "]}";
}

void append_removed_buffer_json(std::string& out, const Network& network, BufferId buffer) {
  begin_buffers(out, network, false);
  append_target(out, network, buffer);
  out += ",\"removed\":true}]}";
}

void append_rules_json(std::string& out, const User& user) {
  out += R"({"event":"rules","rules":[)";
  bool first = true;
  for (const Rule& rule : rules_of(user.row())) {
    out += first ? "{\"id\":" : ",{\"id\":";
    first = false;
    append_json_string(out, rule.id());
    out += ",\"kind\":";
    append_json_string(out, rule.kind_name());
    out += ",\"match\":";
    append_json_string(out, rule.match_name());
    out += ",\"pattern\":";
    append_json_string(out, rule.pattern);
    out += '}';
  }
  out += "]}";
}

void tell_set_buffers(const Network& network, std::string& scratch,
                      const std::function<void(std::string_view json)>& put) {
  const std::vector<BufferId> all = set_buffers(network);
  std::size_t at = 0;
  do {
    const std::size_t count = std::min(kBuffersAFrame, all.size() - at);
    scratch.clear();
    append_buffers_json(scratch, network, std::span(all).subspan(at, count), at == 0);
    put(scratch);
    at += count;
  } while (at < all.size());
}

}  // namespace halley::gateway
