#include "bouncer/downstream/network_attributes.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/accounts/network_settings.h"
#include "bouncer/accounts/network_url.h"
#include "bouncer/core/network.h"
#include "bouncer/irc/message.h"

namespace halley {

namespace {

std::string_view state_of(const Network& network) {
  switch (network.link()) {
    case Link::kConnected:
      return "connected";
    case Link::kDisabled:
      return "disconnected";
    default:
      return "connecting";
  }
}

const std::string* find_attribute(const Attributes& attributes, std::string_view name) {
  const auto at = std::ranges::find(attributes, name, &Attributes::value_type::first);
  return at == attributes.end() ? nullptr : &at->second;
}

}  // namespace

Attributes attributes_of(const Network& network) {
  Attributes all;
  const auto add = [&](std::string_view name, std::string value) {
    if (!value.empty()) all.emplace_back(name, std::move(value));
  };
  add("name", network.name());
  add("state", std::string(state_of(network)));
  add("nickname", network.nick());  // as it is, which need not be as it is set
  const auto urls = split_urls(network.row().urls);
  if (const auto url = urls.empty() ? std::nullopt : std::optional(parse_network_url(urls.front()));
      url && *url) {
    add("host", (*url)->host);
    add("port", std::to_string((*url)->port));
    add("tls", (*url)->tls ? "1" : "0");
  }
  for (const NetworkSetting& setting : network_settings()) {
    const bool told = setting.secret() || find_attribute(all, setting.attribute);
    if (!setting.attribute.empty() && !told)
      add(setting.attribute, setting.accessors.show(setting, network.row(), nullptr));
  }
  add("error", network.trouble());
  return all;
}

std::string format_attributes(const Attributes& attributes) {
  std::string list;
  for (const auto& [name, value] : attributes) {
    if (!list.empty()) list += ';';
    list += name;
    if (value.empty()) continue;
    list += '=';
    irc::append_escaped_tag_value(list, value);
  }
  return list;
}

Attributes ToldAttributes::changes(const Network& network) {
  Attributes now = attributes_of(network);
  Attributes& before = told_[network.id()];
  Attributes changed;
  for (const auto& attribute : now) {
    const std::string* old = find_attribute(before, attribute.first);
    if (!old || *old != attribute.second) changed.push_back(attribute);
  }
  for (const auto& [name, value] : before) {
    if (!find_attribute(now, name)) changed.emplace_back(name, std::string());
  }
  before = std::move(now);
  return changed;
}

}  // namespace halley
