// Events that turned out to be others.
#include <catch2/catch.hpp>

#include "bouncer/core/corrections.h"
#include "tests/fakes/storage/api/memory_store.h"

using namespace halley;

TEST_CASE("1,000 corrections are remembered; of more the oldest line's is forgotten, as the store has it") {
  fakes::MemoryStore store;
  Corrections corrections(store, 1);
  const auto shown = [&](storage::EventId id) {
    storage::Event event{};
    event.id = id;
    event.line = ":ann PRIVMSG #c :said";
    return std::string(corrections.shown(event).line);
  };
  for (storage::EventId id = 1; id <= Corrections::kMostCorrections; ++id)
    corrections.put(id, {.buffer = 3, .text_at = 0, .line = "was refused"}, nullptr);
  CHECK(shown(1) == "was refused");
  corrections.put(Corrections::kMostCorrections + 1, {.buffer = 3, .text_at = 0, .line = "was refused"},
                  nullptr);
  CHECK(shown(1) == ":ann PRIVMSG #c :said");
  CHECK(shown(2) == "was refused");
  CHECK(shown(Corrections::kMostCorrections + 1) == "was refused");
  CHECK(store.count<storage::ReplaceEvent>() == Corrections::kMostCorrections + 1);
}
