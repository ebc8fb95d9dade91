// Pages of code that only the start needed. Any thread.
#pragma once

namespace halley {

// Lets go of the pages of code, ours and the libraries', that are mapped in by now: what is needed again
// comes back from the page cache, what only a start does (reading the configuration, migrations, loading
// libraries) stays away. Half of an idle daemon's memory was that. Nothing is said when the kernel refuses:
// it costs memory.
void forget_start_pages();

}  // namespace halley
