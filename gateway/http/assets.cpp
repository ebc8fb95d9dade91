#include "gateway/http/assets.h"

#include <algorithm>

namespace halley::gateway {
namespace {

std::string_view next_item(std::string_view& list) {
  const std::size_t comma = list.find(',');
  std::string_view item = list.substr(0, comma);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
  while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
  return item;
}

// A weight of 0 forbids; all others count as yes: which of two welcome codings is smaller is for us to know.
bool forbidden(std::string_view parameters) {
  const std::size_t q = parameters.find("q=");
  if (q == std::string_view::npos) return false;
  const std::string_view weight = parameters.substr(q + 2);
  return weight.starts_with('0') &&
         weight.substr(0, weight.find_first_of("; ")).find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

Coding choose_coding(std::string_view accept_encoding, bool brotli, bool gzip) {
  enum { kUnsaid, kYes, kNo } takes_brotli = kUnsaid, takes_gzip = kUnsaid, takes_any = kUnsaid;
  while (!accept_encoding.empty()) {
    const std::string_view item = next_item(accept_encoding);
    const std::size_t semicolon = item.find(';');
    std::string_view name = item.substr(0, semicolon);
    while (name.ends_with(' ')) name.remove_suffix(1);
    const auto said = semicolon != std::string_view::npos && forbidden(item.substr(semicolon)) ? kNo : kYes;
    if (equal_without_case(name, "br")) takes_brotli = said;
    if (equal_without_case(name, "gzip") || equal_without_case(name, "x-gzip")) takes_gzip = said;
    if (name == "*") takes_any = said;
  }
  const auto takes = [&](auto said) { return said == kYes || (said == kUnsaid && takes_any == kYes); };
  if (brotli && takes(takes_brotli)) return Coding::kBrotli;
  if (gzip && takes(takes_gzip)) return Coding::kGzip;
  return Coding::kPlain;
}

bool tag_matches(std::string_view if_none_match, std::string_view quoted_tag) {
  while (!if_none_match.empty()) {
    std::string_view item = next_item(if_none_match);
    if (item == "*") return true;
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == quoted_tag) return true;
  }
  return false;
}

Assets::Assets(std::span<const Asset> assets) : assets_(assets.begin(), assets.end()) {
  std::ranges::sort(assets_, {}, &Asset::path);
}

const Asset* Assets::find(std::string_view path) const {
  const auto found = std::ranges::lower_bound(assets_, path, {}, &Asset::path);
  return found != assets_.end() && found->path == path ? &*found : nullptr;
}

Response Assets::serve(const Asset& asset, const Request& request) {
  const Coding coding =
      choose_coding(request.header("accept-encoding"), !asset.brotli.empty(), !asset.gzip.empty());
  std::string tag = "\"";
  tag += asset.tag;
  if (coding == Coding::kBrotli) tag += "-br";
  if (coding == Coding::kGzip) tag += "-gz";
  tag += '"';
  Response response;
  response.page = asset.type.starts_with("text/html");
  response.script = asset.type.starts_with("text/javascript");
  response.header("Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.header("ETag", tag);
  if (!asset.brotli.empty() || !asset.gzip.empty()) response.header("Vary", "Accept-Encoding");
  if (tag_matches(request.header("if-none-match"), tag)) {
    response.status = 304;
    return response;
  }
  response.header("Content-Type", asset.type);
  if (coding == Coding::kBrotli) response.header("Content-Encoding", "br");
  if (coding == Coding::kGzip) response.header("Content-Encoding", "gzip");
  response.fixed_body = coding == Coding::kBrotli ? asset.brotli
                        : coding == Coding::kGzip ? asset.gzip
                                                  : asset.plain;
  return response;
}

}  // namespace halley::gateway
