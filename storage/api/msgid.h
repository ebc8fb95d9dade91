// Our own msgid for an event whose network gave none: a pure function of its id, and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/api/event.h"

namespace halley::storage {

// "h" and the id in base 36: 12 characters. Fit for a message tag's value without escaping.
std::string msgid_of(EventId id);

// Nothing when the text is not such a msgid.
std::optional<EventId> id_of_msgid(std::string_view msgid);

}  // namespace halley::storage
