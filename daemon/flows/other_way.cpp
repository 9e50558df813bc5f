#include "daemon/flows/other_way.hpp"

#include <expected>
#include <string>

namespace rollcall::flows {

namespace asio = boost::asio;
using protocol::Outcome;

asio::awaitable<OtherWay> offer_other_way(Kiosk& kiosk, attendance::Turn& turn,
                                          screens::Moved moved, std::chrono::milliseconds time) {
  const screens::Live screen = moved;
  co_await kiosk.show(screen);
  const std::expected<std::string, Interruption> reply = co_await kiosk.choice(time);
  if (!reply && reply.error() != Interruption::timeout) co_return OtherWay::interrupted;
  if (!reply || *reply != screens::choice::other_way) co_return OtherWay::stands;

  co_return co_await go_other_way(kiosk, turn, moved.arrived);
}

asio::awaitable<OtherWay> go_other_way(Kiosk& kiosk, attendance::Turn& turn, bool arrived) {
  const bool durable = co_await turn.round();
  const Outcome other = arrived ? Outcome::left : Outcome::arrived;
  co_await kiosk.answer(durable ? other : Outcome::see_staff);
  co_return durable ? OtherWay::turned : OtherWay::not_recorded;
}

}  // namespace rollcall::flows
