// What the simulated case system holds, and the contract's rules over it
// (docs/api/case-system.yaml). On SQLite, WAL and synchronous=FULL: an answer is given only after
// its COMMIT. The tables are documented in README.md, tests read them directly.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "daemon/store/database.hpp"
#include "tests/casesim/person_list.hpp"
#include "tests/casesim/problem.hpp"
#include "tests/casesim/schemas.hpp"

namespace rollcall::casesim {

struct Submission {
  std::string site;       // from the path
  std::string key;        // Idempotency-Key without quotes
  store::Blob digest;     // SHA-256 of the body as sent
  std::string_view body;  // decoded JSON
};

struct LedgerOptions {
  bool discard = false;  // keep no events and check only ranges: for measuring a sender
  std::function<std::int64_t()> now_ms;
};

class Ledger {
 public:
  // Opens or makes the database. `schemas` and `rejected_people` outlive the ledger. Throws
  // store::StoreError when the file cannot be used.
  Ledger(const std::string& path, const Schemas& schemas, PersonList& rejected_people,
         LedgerOptions options);

  // Takes a batch: the receipt as JSON text, durable, or why not; a Problem changed nothing.
  std::expected<std::string, Problem> submit(const Submission& submission);

  std::string state(std::string_view site);
  std::string events(std::string_view site, std::string_view epoch, std::int64_t after, int limit);

  struct Totals {
    std::int64_t accepted, rejected, batches;
  };
  Totals totals();

 private:
  struct Rejection {
    std::string reason;  // closed list of the contract
    std::string detail;
  };
  struct Head {
    std::int64_t sequence = 0;
    std::string event;
  };

  std::expected<std::string, Problem> process(const Submission& submission);
  std::expected<std::optional<std::string>, Problem> stored_receipt(const Submission& submission);
  std::optional<Problem> batch_fault(const Submission& submission,
                                     const nlohmann::json& batch) const;
  std::optional<Problem> fork(const nlohmann::json& batch);
  Head head(std::string_view site, std::string_view epoch);
  std::optional<Rejection> take(const std::string& site, const std::string& batch,
                                const nlohmann::json& event);
  std::optional<Rejection> judge(const nlohmann::json& event) const;
  void cover(const std::string& site, const nlohmann::json& event);
  void advance(const std::string& site, const nlohmann::json& batch);
  std::string write_receipt(const Submission& submission, const nlohmann::json& batch,
                            const nlohmann::json& accepted, const nlohmann::json& rejected);

  store::Database db_;
  const Schemas& schemas_;
  PersonList& rejected_people_;
  LedgerOptions options_;
};

}  // namespace rollcall::casesim
