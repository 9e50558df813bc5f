// Every route, once: what it is for, whom it takes, what is put on record. Documents and tests
// derive from this table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "daemon/console/impl.hpp"

namespace rollcall::console {

// What is put on record of a request that was let in (daemon/accounts/audit.hpp).
enum class Records : std::uint8_t {
  nothing,  // it shows nobody and changes nothing, or says itself what it did
  view,     // personal data is seen
  change,
};

using Handler = awaitable<http::Response> (Api::Impl::*)(const http::Request&);

struct Route {
  std::string_view method;
  std::string_view path;
  accounts::Needs needs;
  Records records;
  Handler handler;  // none: the event stream
};

std::span<const Route> table();  // in the order of docs/api/console.yaml

}  // namespace rollcall::console
