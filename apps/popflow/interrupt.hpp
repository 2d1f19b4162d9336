#pragma once

namespace popflow {

/// From now on SIGINT (Ctrl-C) or SIGTERM only sets interrupted(); the fourth ends the program.
void catch_interrupts();

bool interrupted();

}  // namespace popflow
