#include "storage/read/page_builder.h"

#include <algorithm>
#include <cstring>

namespace halley::storage {
namespace {

// Offsets into the buffer travel as the pointers of the views that they will become.
const char* as_pointer(std::size_t offset) {
  return reinterpret_cast<const char*>(offset);
}
std::size_t as_offset(const void* pointer) {
  return reinterpret_cast<std::size_t>(pointer);
}

}  // namespace

void PageBuilder::start(UserId user) {
  user_ = user;
  events_.clear();
  bytes_.clear();
}

std::size_t PageBuilder::keep(std::string_view text) {
  const std::size_t at = bytes_.size();
  bytes_.insert(bytes_.end(), text.begin(), text.end());
  return at;
}

void PageBuilder::add(const Statement& row) {
  Event event;
  event.user = user_;
  event.id = static_cast<EventId>(row.number(0));
  event.network = static_cast<NetworkId>(row.number(1));
  event.time_ms = static_cast<std::int64_t>(event.id / 1000) + row.number(2);
  event.kind = static_cast<std::uint8_t>(row.number(3));
  event.flags = static_cast<std::uint8_t>(row.number(4));
  event.text_at = static_cast<std::uint16_t>(row.number(5));

  bytes_.resize((bytes_.size() + alignof(BufferId) - 1) / alignof(BufferId) * alignof(BufferId));
  const std::size_t buffers = bytes_.size();
  if (row.is_number(6)) {
    const auto buffer = static_cast<BufferId>(row.number(6));
    keep({reinterpret_cast<const char*>(&buffer), sizeof buffer});
  } else {
    const std::string_view several = row.blob(6);
    keep(several.substr(0, several.size() / sizeof(BufferId) * sizeof(BufferId)));
  }
  event.buffers = {reinterpret_cast<const BufferId*>(as_pointer(buffers)),
                   (bytes_.size() - buffers) / sizeof(BufferId)};
  const auto text = [this](std::string_view bytes) {
    const std::size_t at = keep(bytes);
    return std::string_view{as_pointer(at), bytes.size()};
  };
  event.msgid = text(row.text(7));
  event.tags = text(row.text(8));
  event.line = text(row.text(9));
  events_.push_back(event);
}

void PageBuilder::reverse_from(std::size_t first) {
  std::reverse(events_.begin() + static_cast<std::ptrdiff_t>(first), events_.end());
}

Page PageBuilder::finish() {
  Page page;
  // make_shared_for_overwrite aligns arrays of char for any scalar: the count block before them is of that
  // alignment.
  auto memory = std::make_shared_for_overwrite<BufferId[]>(bytes_.size() / sizeof(BufferId) + 1);
  char* const base = reinterpret_cast<char*>(memory.get());
  if (!bytes_.empty()) std::memcpy(base, bytes_.data(), bytes_.size());
  page.events.assign(events_.begin(), events_.end());
  const auto settle = [base](std::string_view& view) { view = {base + as_offset(view.data()), view.size()}; };
  for (Event& event : page.events) {
    const std::size_t buffers = as_offset(event.buffers.data());
    event.buffers = {reinterpret_cast<const BufferId*>(base + buffers), event.buffers.size()};
    settle(event.msgid);
    settle(event.tags);
    settle(event.line);
  }
  page.memory = std::move(memory);
  page.bytes = bytes_.size() + events_.size() * sizeof(Event);
  return page;
}

void PageBuilder::release_memory() {
  decltype(events_){}.swap(events_);
  decltype(bytes_){}.swap(bytes_);
}

}  // namespace halley::storage
