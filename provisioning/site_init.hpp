// `rollcall site init`: a folder from which rollcalld starts as it is.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "provisioning/daemon_client.hpp"

namespace rollcall::provisioning {

struct NewSite {
  std::string folder;
  std::string id, organisation, name, timezone;
  std::vector<std::string> languages;
  std::string link = "tcp:127.0.0.1:7440";  // where terminals connect, as in links.listen
  std::uint16_t console_port = 8480;
};

// The configuration file, with comments for whoever goes on from there.
std::string first_configuration(const NewSite& site);

// Makes the folder (0700), the site's keys (0600) and rollcall.toml (0600). Nothing that exists is
// overwritten: the folder must not exist, or be empty. Values are checked before anything is made.
Exit init_site(const NewSite& site, std::ostream& out, std::ostream& err);

}  // namespace rollcall::provisioning
