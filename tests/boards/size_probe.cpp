// The image that tests/boards/size_report.py measures. Every function of rollcall_protocol is
// linked (roots.py); here is what the library alone cannot show: the table of each message, and the
// objects that one session keeps.
#include <array>

#include "protocol/bulk.hpp"
#include "protocol/hello.hpp"
#include "protocol/link.hpp"
#include "protocol/messages.hpp"

namespace rollcall::boards {
namespace {

// The interpreter and the table of every message: with them any message is encoded and decoded.
// What a caller adds, a call with three arguments, is the caller's.
template <class... Message>
struct Tables {
  static constexpr std::array all{&protocol::table_of<Message>...};
};

constexpr auto messages = protocol::AllMessages<Tables>::all;
constexpr const protocol::Table* hello = &protocol::table_of<protocol::Hello>;

// For the linker, whoever is told an address may use what is there.
void keep(const void* address) {
  asm volatile("" : : "r"(address));
}

}  // namespace
}  // namespace rollcall::boards

extern "C" {

using namespace rollcall::protocol;

// RAM of one session: the report adds the sizes of all session_ram_*.
alignas(Link) unsigned char session_ram_link[sizeof(Link)];
alignas(BulkChannel) unsigned char session_ram_bulk[sizeof(BulkChannel)];

void board_main() {
  using namespace rollcall::boards;
  keep(&messages);
  keep(hello);
  keep(session_ram_link);
  keep(session_ram_bulk);
}

[[noreturn]] void board_fault() {
  for (;;) {
  }
}

}  // extern "C"
