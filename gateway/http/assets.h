// The page's files: carried in the binary, each perhaps compressed in two ways, chosen by what the browser
// takes.
//
// Pure after construction; thread: the loop's. The bytes live as long as the program.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/request.h"
#include "gateway/http/response.h"

namespace halley::gateway {

struct Asset {
  std::string_view path;                 // "/", "/assets/app.1a2b3c.js"
  std::string_view type;                 // Content-Type
  std::string_view tag;                  // a hash of the content
  bool immutable = false;                // its name holds a hash: it never changes
  std::string_view plain, brotli, gzip;  // compressed ones may be empty
};

enum class Coding { kPlain, kBrotli, kGzip };
// The best of the offered codings by an Accept-Encoding header (RFC 9110 section 12.5.3).
Coding choose_coding(std::string_view accept_encoding, bool brotli, bool gzip);
// Does If-None-Match (weakly compared) or If-Match (strongly) name this tag (RFC 9110
// sections 13.1.1, 13.1.2)?
enum class Compare { kWeak, kStrong };
bool tag_matches(std::string_view list, std::string_view quoted_tag, Compare how = Compare::kWeak);

class Assets {
 public:
  explicit Assets(std::span<const Asset> assets);
  const Asset* find(std::string_view path) const;
  // The answer to a GET or HEAD.
  static Response serve(const Asset& asset, const Request& request);

 private:
  std::vector<Asset> assets_;  // by path
};

}  // namespace halley::gateway
