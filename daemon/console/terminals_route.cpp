// What staff see and change of the site's terminals.
#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "daemon/console/impl.hpp"
#include "daemon/console/terminal_body.hpp"
#include "daemon/events/event.hpp"
#include "daemon/log/log.hpp"
#include "daemon/registry/key_seal.hpp"

namespace rollcall::console {
namespace {

Json time_or_null(const std::optional<std::int64_t>& ms) {
  return ms ? Json(events::rfc3339(*ms)) : Json();
}
Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json new_key(const registry::Entry& entry) {
  if (!entry.pending_origin) return {};
  return *entry.pending_origin == registry::Origin::rotation ? "rotation" : "enrolment";
}

Json key_age_s(const registry::Entry& entry, std::int64_t now_ms) {
  if (!entry.key_since_ms) return {};
  return std::max<std::int64_t>(0, (now_ms - *entry.key_since_ms) / 1000);
}

Json to_json(const registry::Entry& entry, const TerminalView& now, std::int64_t now_ms) {
  return {{"serial", entry.serial},
          {"room", entry.room},
          {"mode", registry::to_text(entry.mode)},
          {"languages", entry.languages},
          {"state", registry::to_text(entry.state)},
          {"connected", now.online},
          {"last_seen", now.last_seen_ms == 0 ? Json() : Json(events::rfc3339(now.last_seen_ms))},
          {"enrolled", time_or_null(entry.enrolled_ms)},
          {"enrolled_by", text_or_null(entry.enrolled_by)},
          {"key_age_s", key_age_s(entry, now_ms)},
          {"new_key", new_key(entry)},
          {"revoked", time_or_null(entry.revoked_ms)},
          {"revoked_by", text_or_null(entry.revoked_by)},
          {"revoked_reason", text_or_null(entry.revoked_reason)}};
}

http::Response refused(const registry::Refusal& refusal) {
  const std::string detail = refusal.text + "; nothing was changed";
  return refusal.kind == registry::Refusal::Kind::unknown ? http::problem(404, "Not Found", detail)
                                                          : http::problem(409, "Conflict", detail);
}

}  // namespace

awaitable<http::Response> Api::Impl::list_terminals(const http::Request&) {
  Query query = stored_terminals;
  const Json stored = co_await parts.readers.query<Json>(std::move(query));
  const auto views = seen(stored);
  const std::int64_t now_ms = parts.now().wall_ms;
  Json all = Json::array();
  for (const registry::Entry* entry : parts.registry.all())
    all.push_back(to_json(*entry, views.at(entry->serial), now_ms));
  co_return answer({{"terminals", std::move(all)}});
}

awaitable<http::Response> Api::Impl::move_terminal(const http::Request& request) {
  std::string serial;
  std::string actor;
  registry::Move move;
  try {
    serial = serial_of(request);
    const Json body = parse_body(request);
    actor = actor_of(request, body);
    if (body.contains("room")) move.room = room_of(body);
    if (body.contains("mode")) move.mode = mode_of(body);
    if (body.contains("languages")) move.languages = languages_of(body);
    if (!move.room && !move.mode && !move.languages)
      throw BadRequest{R"(give at least one of "room", "mode" and "languages")"};
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  try {
    const registry::Done done = co_await parts.registry.move(serial, move, actor);
    if (!done) co_return refused(done.error());
  } catch (const store::StoreError& error) {
    co_return not_stored(error);
  }
  const registry::Entry& entry = *parts.registry.find(serial);
  logging::info("terminal moved", {{"terminal", serial}, {"room", entry.room}, {"by", actor}});
  co_return answer({{"serial", serial},
                    {"room", entry.room},
                    {"mode", registry::to_text(entry.mode)},
                    {"languages", entry.languages}});
}

// The new key is durable here before it leaves; until it is proven both keys are accepted.
awaitable<http::Response> Api::Impl::rotate_key(const http::Request& request) {
  std::string serial;
  std::string actor;
  try {
    serial = serial_of(request);
    actor = actor_of(request, parse_body(request));
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  if (parts.registry.find(serial) == nullptr) {
    co_return http::problem(404, "Not Found",
                            "no terminal " + serial + " is known here; nothing was changed");
  }
  if (const auto can = parts.live.can_take_key(serial); !can)
    co_return http::problem(409, "Conflict", can.error() + "; nothing was changed");
  std::expected<crypto::Key, registry::Refusal> key;
  try {
    key = co_await parts.registry.rotate(serial, registry::random_key(), actor);
  } catch (const store::StoreError& error) {
    co_return not_stored(error);
  }
  if (!key) co_return refused(key.error());
  const auto handed_over = co_await parts.live.hand_over_key(serial, *key);
  logging::info("terminal given a new link key",
                {{"terminal", serial}, {"by", actor}, {"stored", handed_over.has_value()}});
  co_return answer({{"serial", serial},
                    {"handed_over", handed_over.has_value()},
                    {"reason", handed_over ? Json() : Json(handed_over.error())}});
}

awaitable<http::Response> Api::Impl::revoke_terminal(const http::Request& request) {
  std::string serial;
  std::string actor;
  std::string reason;
  try {
    serial = serial_of(request);
    const Json body = parse_body(request);
    actor = actor_of(request, body);
    reason = reason_of(body);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  // Only a terminal that is here tells how many taps wait in it.
  std::optional<std::uint32_t> waiting;
  for (const TerminalView& view : parts.terminals())
    if (view.serial == serial && view.online) waiting = view.waiting;
  try {
    const registry::Done done = co_await parts.registry.revoke(serial, reason, actor, waiting);
    if (!done) co_return refused(done.error());
  } catch (const store::StoreError& error) {
    co_return not_stored(error);
  }
  logging::warning("terminal revoked", {{"terminal", serial}, {"by", actor}});
  co_return answer({{"serial", serial}, {"waiting", waiting ? Json(*waiting) : Json()}});
}

}  // namespace rollcall::console
