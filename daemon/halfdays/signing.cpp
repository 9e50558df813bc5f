#include "daemon/halfdays/signing.hpp"

#include <memory>

#include "daemon/log/log.hpp"
#include "daemon/store/on_writer.hpp"

namespace rollcall::halfdays {

namespace asio = boost::asio;

asio::awaitable<std::vector<ToSign>> WriterSigning::open() {
  const std::function<std::vector<ToSign>(store::Database&)> read = [this](store::Database& db) {
    return to_sign(db, rules_, signer_.person, now_());
  };
  std::vector<ToSign> all = co_await readers_.query(read);
  const std::int64_t now_ms = now_().wall_ms;
  std::erase_if(all, [&](const ToSign& one) { return signer_.stays && one.end_ms > now_ms; });
  co_return offered(std::move(all), signer_.offered);
}

SignRequest WriterSigning::request_of(const ToSign& half_day, const OwnTap& known_by) const {
  SignRequest request;
  request.sheet = half_day.sheet;
  request.person = signer_.person;
  request.method = known_by.method;
  request.assurance = known_by.assurance;
  request.terminal = known_by.tap.serial;
  request.confirmed = half_day.confirmed;
  return request;
}

asio::awaitable<Signed> WriterSigning::by_tap(const ToSign& half_day, const OwnTap& tap) {
  SignRequest request = request_of(half_day, tap);
  request.form = TapForm{tap.tap};
  co_return co_await sign_it(std::move(request));
}

asio::awaitable<Signed> WriterSigning::drawn(const ToSign& half_day,
                                             const sheets::Drawing& drawing) {
  SignRequest request = request_of(half_day, signer_.known_by);
  request.form = DrawnForm{drawing, signer_.known_by.tap};
  co_return co_await sign_it(std::move(request));
}

asio::awaitable<Signed> WriterSigning::sign_it(SignRequest request) {
  const auto result = std::make_shared<Result<std::string>>();
  store::Writer::Job job = [this, request, result](store::Database& db) {
    *result = sign(db, rules_, request, now_());
  };
  const store::Written outcome = co_await store::written(writer_, std::move(job));
  if (outcome.committed != store::Committed::yes) {
    logging::error("a signature could not be recorded; the person was asked to see the desk",
                   {{"terminal", request.terminal}, {"why", outcome.error}});
    co_return Signed::not_recorded;
  }
  if (*result) co_return Signed::yes;
  logging::info("a half-day could not be signed any more", {{"terminal", request.terminal},
                                                            {"session", request.sheet.session},
                                                            {"day", request.sheet.day},
                                                            {"why", result->error()}});
  co_return Signed::refused;
}

}  // namespace rollcall::halfdays
