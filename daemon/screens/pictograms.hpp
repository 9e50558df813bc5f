// The pictures of the screens. Each fills a square box with strokes in one colour; `ground` is the
// colour behind it, for the parts that are cut out.
#pragma once

#include "daemon/screens/canvas.hpp"

namespace rollcall::screens {

enum class Pictogram {
  card,          // a card at a reader
  card_waiting,  // the same, with a small clock: the host is away
  tick,          // arrived
  door_out,      // left
  door_in,       // coming; no tick, which would ask for agreement
  note,          // recorded: a sheet with a tick
  two_ticks,     // already recorded
  desk,          // a person behind a desk
  desk_first,    // the same, with an arrow that leads there
  clock,         // recorded, checked later
  pause,         // not in use
  arrow,         // to the right
  two_cards,     // one of two cards, the other behind it
  questions,     // a sheet with a question mark
  hourglass,     // more time
  heart,         // thank you
  signature,     // a pen above what it has written
};

// `weight`: how many times as heavy as usual its lines are; a small picture needs more.
void draw(Canvas& canvas, Pictogram pictogram, const Box& box, Colour colour, Colour ground,
          double weight = 1);

}  // namespace rollcall::screens
