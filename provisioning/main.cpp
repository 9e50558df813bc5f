// rollcall: the command line of a Rollcall site.
#include <iostream>

#include "provisioning/cli.hpp"

int main(int argc, char** argv) {
  return rollcall::provisioning::run({argv + 1, argv + argc}, std::cout, std::cerr);
}
