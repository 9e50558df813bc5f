#include "firmware/simulator/card_module.hpp"

namespace rollcall::simulator {

hal::CardReader& CardModule::switch_on(hal::Clock& clock) {
  driver_.emplace(static_cast<hal::SerialPort&>(*this), clock);
  return *driver_;
}

// As a UART does it: where nobody listens, or listens too slowly, bytes are lost.
std::size_t CardModule::write(hal::Bytes data) {
  (void)port_.write(data);
  return data.size();
}

}  // namespace rollcall::simulator
