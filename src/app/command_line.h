#pragma once

// The command line of the `kavach` program: what there is, what each takes, and its help.

namespace kavach::app {

/// The process's exit code.
int run(int argc, char** argv);

}  // namespace kavach::app
