#include "gateway/http/assets.h"

#include <algorithm>

#include "gateway/http/accept.h"

namespace halley::gateway {
Coding choose_coding(std::string_view accept_encoding, bool brotli, bool gzip) {
  enum { kUnsaid, kYes, kNo } takes_brotli = kUnsaid, takes_gzip = kUnsaid, takes_any = kUnsaid;
  while (!accept_encoding.empty()) {
    const std::string_view item = next_item(accept_encoding);
    const std::size_t semicolon = item.find(';');
    std::string_view name = item.substr(0, semicolon);
    while (name.ends_with(' ')) name.remove_suffix(1);
    const auto said =
        semicolon != std::string_view::npos && weight_forbids(item.substr(semicolon)) ? kNo : kYes;
    if (equal_without_case(name, "br")) takes_brotli = said;
    if (equal_without_case(name, "gzip") || equal_without_case(name, "x-gzip")) takes_gzip = said;
    if (name == "*") takes_any = said;
  }
  const auto takes = [&](auto said) { return said == kYes || (said == kUnsaid && takes_any == kYes); };
  if (brotli && takes(takes_brotli)) return Coding::kBrotli;
  if (gzip && takes(takes_gzip)) return Coding::kGzip;
  return Coding::kPlain;
}

bool tag_matches(std::string_view list, std::string_view quoted_tag, Compare how) {
  while (!list.empty()) {
    std::string_view item = next_item(list);
    if (item == "*") return true;
    if (how == Compare::kWeak && item.starts_with("W/")) item.remove_prefix(2);
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
      choose_coding(request.list("accept-encoding"), !asset.brotli.empty(), !asset.gzip.empty());
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
  const std::string only_if = request.list("if-match");
  if (!only_if.empty() && !tag_matches(only_if, tag, Compare::kStrong))
    return error_response(412, "changed", "This file is another one by now.");
  if (tag_matches(request.list("if-none-match"), tag)) {
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
