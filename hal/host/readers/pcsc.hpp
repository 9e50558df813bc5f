// Shop-bought readers, by PC/SC (pcsc-lite): whatever pcscd has a driver for. Readers come and go,
// and so may pcscd itself. No reader is taken for ourselves alone.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "hal/host/readers/reader.hpp"

namespace rollcall::readers {

// All that is plugged in. Destroyed after its readers.
class PcscBus {
 public:
  virtual ~PcscBus() = default;

  // Cards in every reader whose name begins with `name`, unless a longer name that was given here
  // fits it better; "" takes what no name fits. Several readers of one name are as one. Before the
  // reactor runs, or on it.
  virtual std::unique_ptr<Reader> reader(std::string name, Events events) = 0;
};

// Watches from the first reader on.
std::unique_ptr<PcscBus> pcsc_bus(const boost::asio::any_io_executor& reactor);

}  // namespace rollcall::readers
