#pragma once

#include "daemon/flows/signal.hpp"

namespace rollcall::terminals {

using flows::Signal;

}  // namespace rollcall::terminals
