// The `rollcall` command line: what it takes, and what it does.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace rollcall::provisioning {

// `arguments` without the program's name. Returns the exit code (daemon_client.hpp).
int run(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err);

}  // namespace rollcall::provisioning
