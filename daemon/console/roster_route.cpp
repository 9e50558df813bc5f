// The roster: what each source said, handing in a new one, agreeing to removals that wait,
// correcting a day gone by.
#include <expected>
#include <memory>

#include <nlohmann/json.hpp>

#include "daemon/console/body.hpp"
#include "daemon/console/impl.hpp"
#include "daemon/events/contract.hpp"
#include "daemon/events/event.hpp"
#include "daemon/log/log.hpp"
#include "daemon/roster/correct_day.hpp"
#include "daemon/roster/imports.hpp"

namespace rollcall::console {
namespace {

constexpr std::size_t most_messages = 1000;

http::Response no_roster() {
  return http::problem(503, "Service Unavailable",
                       "the roster cannot be reached yet; nothing was changed, try again");
}

Json to_json(const roster::PerKind<roster::Counts>& counts) {
  Json all = Json::object();
  for (std::size_t i = 0; i < roster::kinds; ++i) {
    const roster::Counts& c = counts[i];
    if (c == roster::Counts{}) continue;
    all[std::string(roster::kind_names[i])] = {{"added", c.added},         {"changed", c.changed},
                                               {"unchanged", c.unchanged}, {"removed", c.removed},
                                               {"held", c.held},           {"bad", c.bad}};
  }
  return all;
}

Json to_json(const roster::PerKind<int>& counts) {
  Json all = Json::object();
  for (std::size_t i = 0; i < roster::kinds; ++i)
    if (counts[i] != 0) all[std::string(roster::kind_names[i])] = counts[i];
  return all;
}

Json to_json(const roster::Report& report, bool dry_run) {
  Json messages = Json::array();
  for (const roster::Problem& problem : report.outcome.problems) {
    if (messages.size() == most_messages) break;
    messages.push_back(problem.text());
  }
  return {{"source", report.source},
          {"dry_run", dry_run},
          {"counts", to_json(report.outcome.counts)},
          {"skipped", report.outcome.problems.size()},
          {"messages", std::move(messages)}};
}

bool is_dry_run(const http::Request& request) {
  const auto given = request.query.find("dry_run");
  if (given == request.query.end() || given->second == "no") return false;
  if (given->second == "yes") return true;
  throw BadRequest{R"("dry_run" is "yes" or "no")"};
}

std::string code_in(const std::string& text, const char* key) {
  if (!events::is_code(text))
    throw BadRequest{'"' + std::string(key) + "\" has 1 to 64 letters, digits and _ . : / + -"};
  return text;
}

std::optional<int> minute_in(const Json& body, const char* key) {
  if (!body.contains(key)) return std::nullopt;
  const auto minute = roster::minute_from(text_of(body, key));
  if (!minute) throw BadRequest{'"' + std::string(key) + "\" is a time such as 09:00"};
  return minute;
}

roster::DayCorrection correction_of(const http::Request& request, const Json& body) {
  roster::DayCorrection wanted{.session = request.params.at("session"),
                               .day = request.params.at("day"),
                               .cancelled = false,
                               .start_minute = minute_in(body, "start"),
                               .end_minute = minute_in(body, "end")};
  const std::string state = text_of(body, "state");
  if (state != "held" && state != "cancelled") throw BadRequest{R"("state" is held or cancelled)"};
  wanted.cancelled = state == "cancelled";
  if (wanted.start_minute.has_value() != wanted.end_minute.has_value())
    throw BadRequest{R"("start" and "end" go together)"};
  return wanted;
}

std::string joined(const std::vector<std::string>& sentences) {
  std::string all;
  for (const std::string& sentence : sentences) all += (all.empty() ? "" : "; ") + sentence;
  return all;
}

}  // namespace

awaitable<http::Response> Api::Impl::see_roster(const http::Request&) {
  if (parts.roster == nullptr) co_return no_roster();
  Json sources = Json::array();
  const auto all = co_await parts.roster->status();
  for (const roster::SourceStatus& status : all) {
    Json one = Json::parse(status.summary, nullptr, false);
    if (!one.is_object()) one = Json::object();
    sources.push_back({{"source", status.source},
                       {"read", events::rfc3339(status.read_ms)},
                       {"counts", one.value("counts", Json::object())},
                       {"skipped", one.value("skipped", 0)},
                       {"messages", one.value("messages", Json::array())},
                       {"held", to_json(status.held)}});
  }
  co_return answer({{"sources", std::move(sources)}});
}

awaitable<http::Response> Api::Impl::import_roster(const http::Request& request) {
  if (parts.roster == nullptr) co_return no_roster();
  bool dry_run = false;
  std::string actor;
  roster::Upload upload{request.body};
  try {
    dry_run = is_dry_run(request);
    if (const auto name = request.query.find("name"); name != request.query.end())
      upload.name = code_in(name->second, "name");
    if (const auto course = request.query.find("course"); course != request.query.end())
      upload.course = code_in(course->second, "course");
    const auto given = request.query.find("actor");
    actor = actor_of(
        request, given == request.query.end() ? Json::object() : Json{{"actor", given->second}});
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const auto report = co_await parts.roster->take(std::move(upload), dry_run);
  if (!report)
    co_return http::problem(422, "Unprocessable Content",
                            joined(report.error()) + "; nothing was changed");
  if (!dry_run)
    logging::info("a roster was handed in", {{"source", report->source}, {"by", actor}});
  co_return answer(to_json(*report, dry_run));
}

awaitable<http::Response> Api::Impl::apply_removals(const http::Request& request) {
  if (parts.roster == nullptr) co_return no_roster();
  std::optional<std::string> source;
  std::string actor;
  try {
    const Json body = parse_body(request);
    actor = actor_of(request, body);
    if (body.contains("source")) source = text_of(body, "source");
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const auto removed = co_await parts.roster->apply_removals(source, actor);
  co_return answer({{"removed", to_json(removed)}});
}

awaitable<http::Response> Api::Impl::correct_day(const http::Request& request) {
  roster::DayCorrection wanted;
  std::string actor;
  try {
    const Json body = parse_body(request);
    actor = actor_of(request, body);
    wanted = correction_of(request, body);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const auto people = std::make_shared<std::expected<int, std::string>>();
  store::Writer::Job job = [wanted, people,
                            today = zone.at(parts.now().wall_ms).day](store::Database& db) {
    *people = roster::correct_day(db, wanted, today);
  };
  const store::Written outcome = co_await commit(std::move(job));
  if (outcome.committed != store::Committed::yes) co_return not_committed(outcome);
  if (!*people) co_return http::problem(409, "Conflict", people->error() + "; nothing was changed");
  logging::info("a day gone by was corrected",
                {{"session", wanted.session}, {"day", wanted.day}, {"by", actor}});
  co_return answer({{"session", wanted.session}, {"day", wanted.day}, {"people", **people}});
}

}  // namespace rollcall::console
