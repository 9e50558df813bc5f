// The schema files of docs/api/events, the very ones a receiver reads, compiled with valijson.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace rollcall::casesim {

enum class SubjectRule { required, optional, none };

struct EventType {
  std::string name;    // "attendance.arrived"
  std::string schema;  // "attendance.arrived.v1.json"
  SubjectRule subject = SubjectRule::optional;
};

class Schemas {
 public:
  // `api_dir`: docs/api. Compiles every file; a sentence says which one is at fault.
  static std::expected<Schemas, std::string> load(const std::string& api_dir);
  Schemas(Schemas&&) noexcept;
  Schemas& operator=(Schemas&&) noexcept;
  ~Schemas();

  // The first fault of `value` under a schema file such as "batch.json"; nothing = valid.
  // The file must be one of those loaded.
  std::optional<std::string> fault(std::string_view file, const nlohmann::json& value) const;

  // By the envelope's type, "org.rollcall.attendance.arrived.v1"; null = not in the index.
  const EventType* type(std::string_view full_type) const;

 private:
  struct Impl;
  explicit Schemas(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// What one event's data and envelope break: its schema, the subject rule of its type, agreement of
// envelope and data. `event` must be valid under cloudevent.json.
std::optional<std::string> event_fault(const Schemas& schemas, const nlohmann::json& event);

}  // namespace rollcall::casesim
