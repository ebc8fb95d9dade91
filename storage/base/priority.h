// How the threads of the storage share the processors with the loop's.
#pragma once

namespace halley::storage {

// The calling thread gives way to the loop's thread when there are not processors enough for both: what it
// does may take a moment longer, a live line may not. Nothing waits for it for ever: a full journal makes the
// loop rest.
void give_way();

}  // namespace halley::storage
