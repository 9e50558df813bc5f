#include "daemon/terminals/status.hpp"

namespace rollcall::terminals {

void add(protocol::LinkCounters& sum, const protocol::LinkCounters& more) {
  sum.frames_in += more.frames_in;
  sum.frames_out += more.frames_out;
  sum.retransmissions += more.retransmissions;
  sum.duplicates += more.duplicates;
  sum.bad_crc += more.bad_crc;
  sum.bad_cobs += more.bad_cobs;
  sum.too_long += more.too_long;
  sum.too_short += more.too_short;
  sum.unknown_type += more.unknown_type;
  sum.unexpected += more.unexpected;
  sum.bad_tag += more.bad_tag;
}

}  // namespace rollcall::terminals
