"""What the panels show of the daemon's answers, compared with stored pictures: no pixel in a hundred may differ."""

import pytest
from conftest import NEWCOMERS

ANSWERS = ("arrived", "see-staff", "recorded-offline")


@pytest.mark.parametrize("board, name", [
    pytest.param(board, name, marks=pytest.mark.xdist_group(board), id=f"{board}-{name}")
    for board in ("badge", "touch") for name in ANSWERS])
def test_answer_is_shown(request, fresh, board, name):
    station = request.getfixturevalue(board)
    station.line.wait_quiet()  # its screens have come
    if name == "recorded-offline":
        station.line.cut(refuse=True)
    cards = {"arrived": NEWCOMERS[board], "see-staff": {"badge": "04C0FFEE0000B1", "touch": "04C0FFEE0000D1"}[board]}
    station.cards.place(cards.get(name) or next(fresh))
    station.wait_for(station.lit, "answers")
    station.shows(name)
