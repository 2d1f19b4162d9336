#include "interrupt.hpp"

#include <csignal>

namespace popflow {

namespace {

volatile std::sig_atomic_t signalled = 0;

// Several at once are one wish (timeout(1) and batch systems repeat themselves); many are
// impatience.
constexpr int most_signals = 3;

void note_signal(int signal) {
  signalled = signalled + 1;
  if (signalled >= most_signals) std::signal(signal, SIG_DFL);
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return signalled != 0; }

}  // namespace popflow
