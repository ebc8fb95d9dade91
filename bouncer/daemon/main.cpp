// The program. The composition root is assembly.cpp: this room alone may include every other.
#include <csignal>

#include "bouncer/cli/program.h"
#include "bouncer/daemon/assembly.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that is gone is an error of write(), not the end of the program
  std::signal(SIGXFSZ, SIG_IGN);  // so is a limit on the size of files: trouble with the disk, as a full one
  return halley::cli::run_program({argv + 1, argv + argc}, halley::serve);
}
