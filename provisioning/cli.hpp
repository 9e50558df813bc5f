// The `rollcall` command line: what it takes, and what it does.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace rollcall::provisioning {

// `arguments` without the program's name; `in`: file descriptor of what a person types. Returns the
// exit code (daemon_client.hpp).
int run(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
        int in = 0);

}  // namespace rollcall::provisioning
