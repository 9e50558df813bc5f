// The roster at run time: what staff hand in is read on the pool, compared and put in on the
// writer. Thread: the reactor.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "daemon/attendance/local_time.hpp"
#include "daemon/config/config.hpp"
#include "daemon/roster/apply.hpp"
#include "daemon/roster/sources.hpp"
#include "daemon/store/readers.hpp"
#include "daemon/store/writer.hpp"

namespace rollcall::roster {

// Everything outlives the imports.
struct ImportServices {
  boost::asio::thread_pool& pool;
  store::Writer& writer;
  store::Readers& readers;
  const config::Config& config;
  CardHash hash;
  std::function<std::int64_t()> now_ms;         // Unix ms; called on any thread
  const NameSeal* names = nullptr;              // none: names of protected people are not kept
  std::function<void()> on_cards_changed = {};  // of issued ones; called on the reactor
};

struct Report {
  std::string source;
  Outcome outcome;
};

// A source when it was last read, and what is held of it.
struct SourceStatus {
  std::string source;
  std::int64_t read_ms = 0;
  std::string summary;  // JSON (docs/api/console.yaml)
  PerKind<int> held{};
};

// What a reading did, in the log: counts, and the rows that were skipped.
void log(const std::string& source, const Outcome& outcome);

class Imports {
 public:
  explicit Imports(ImportServices services);

  // The errors are sentences: nothing could be used and nothing was changed. Throws StoreError when
  // the tables could not be written; nothing was changed then either.
  boost::asio::awaitable<std::expected<Report, std::vector<std::string>>> take(Upload upload,
                                                                               bool dry_run);
  // Puts a reading in, and the cursor with it.
  boost::asio::awaitable<Outcome> put(Reading reading, std::optional<std::string> cursor);

  // Of one source or of all; how many of each kind were removed. Throws StoreError.
  boost::asio::awaitable<PerKind<int>> apply_removals(std::optional<std::string> source,
                                                      std::string actor);
  boost::asio::awaitable<std::vector<SourceStatus>> status();

  // Now, as the tables have it.
  Moment moment() const;

 private:
  ImportServices services_;
  attendance::TimeZone zone_;
};

}  // namespace rollcall::roster
