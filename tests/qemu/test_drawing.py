"""What a terminal draws that no host has prepared: its pictograms, in time."""

import statistics
import time

import pytest

from tests.qemu.badge import Badge
from tests.qemu.cards import Cards
from tests.qemu.drawing import DRAWING_LIMIT, drawing
from tests.qemu.terminal import Terminal
from tests.qemu.touch import Touch

TAPS = 3


@pytest.mark.parametrize("board, storage", [(Badge, "fresh_card"), (Touch, "fresh_bank")], ids=["badge", "touch"])
def test_a_pictogram_is_drawn_in_time(request, cards: Cards, board: type[Terminal], storage: str):
    """A terminal of no site shows every card that it is out of service."""
    with board(request.getfixturevalue(storage), reader=cards.address) as machine:
        machine.hello()
        time.sleep(1)  # its reader works, and what it shows at rest is drawn
        took = []
        for number in range(TAPS):
            took.append(drawing(machine, lambda: cards.place(f"1122330{number}")))
            cards.remove()
            time.sleep(1.5)  # the answer has gone
    print(f"{machine.image.stem}: a pictogram is drawn in {1000 * statistics.median(took):.0f} ms of a processor, "
          f"median of {TAPS}")
    assert statistics.median(took) < DRAWING_LIMIT
