// Settles, while the daemon runs, days that may come to something else
// (daemon/attendance/settle.hpp): stays whose exit nobody tapped are closed when their time has
// come, and days whose roster or log changed are concluded again.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/attendance/recorder.hpp"
#include "daemon/config/config.hpp"
#include "daemon/store/writer.hpp"

namespace rollcall {

class Settling {
 public:
  // `pauses`: asked on the executor; while it says so nothing is settled (events are still fetched
  // back). `now` is called on the writer thread. All outlive this.
  Settling(boost::asio::any_io_executor executor, store::Writer& writer,
           const config::Config& config, std::function<attendance::HostTime()> now,
           std::function<bool()> pauses);
  ~Settling();

  void start();
  void stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace rollcall
