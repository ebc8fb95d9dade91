#include "bouncer/cli/program.h"

int main(int argc, char** argv) {
  return halley::cli::run_program({argv + 1, argv + argc}, [](const auto&, const auto&) { return 3; });
}
