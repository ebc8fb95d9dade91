#include "gateway/http/accept.h"

#include "gateway/http/request.h"

namespace halley::gateway {

std::string_view next_item(std::string_view& list) {
  const std::size_t comma = list.find(',');
  std::string_view item = list.substr(0, comma);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
  while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
  return item;
}

bool weight_forbids(std::string_view parameters) {
  const std::size_t q = parameters.find("q=");
  if (q == std::string_view::npos) return false;
  const std::string_view weight = parameters.substr(q + 2);
  return weight.starts_with('0') &&
         weight.substr(0, weight.find_first_of("; ")).find_first_not_of("0.") == std::string_view::npos;
}

bool accepts(std::string_view accept, std::string_view type) {
  const std::string_view kind = type.substr(0, type.find('/') + 1);
  int best = -1;  // how specific the deciding range is
  bool taken = false, any = false;
  while (!accept.empty()) {
    const std::string_view item = next_item(accept);
    if (item.empty()) continue;
    any = true;
    const std::size_t semicolon = item.find(';');
    std::string_view range = item.substr(0, semicolon);
    while (range.ends_with(' ')) range.remove_suffix(1);
    int specific = -1;
    if (range == "*/*") specific = 0;
    if (range.ends_with("/*") && equal_without_case(range.substr(0, range.size() - 1), kind)) specific = 1;
    if (equal_without_case(range, type)) specific = 2;
    if (specific <= best) continue;
    best = specific;
    taken = semicolon == std::string_view::npos || !weight_forbids(item.substr(semicolon));
  }
  return taken || !any;
}

}  // namespace halley::gateway
