// Lists of what a client takes, with weights: Accept and Accept-Encoding (RFC 9110 section 12.5). Pure.
#pragma once

#include <string_view>

namespace halley::gateway {

// Takes the next item off the front of a list, white space around it off.
std::string_view next_item(std::string_view& list);
// Do these parameters (";q=0") forbid what stands before them? Of two welcome things the better is for us to
// know: all other weights count as yes.
bool weight_forbids(std::string_view parameters);
// Does an Accept header take this media type ("application/json")? An empty one takes all. The most specific
// range decides.
bool accepts(std::string_view accept, std::string_view type);

}  // namespace halley::gateway
