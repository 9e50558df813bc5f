"""The judge itself finds what it is there to find."""

from collections import Counter

from judge import Shown, problems

A1, A2, A3 = (("A", "e", n) for n in (1, 2, 3))


def shown(**lights: str) -> Shown:
    taps = {"a1": A1, "a2": A2, "a3": A3}
    return Shown({taps[name]: light for name, light in lights.items()})


def test_all_delivered_once_is_fine():
    assert problems(shown(a1="green", a2="amber"), Counter([A1, A2])) == []


def test_a_lost_green_is_found():
    assert "1 of them green" in problems(shown(a1="green", a2="amber"), Counter([A2]))[0]


def test_a_lost_amber_is_found():
    assert "shown and not delivered" in problems(shown(a1="green", a2="amber"), Counter([A1]))[0]


def test_a_second_delivery_is_found():
    assert "more than once" in problems(shown(a1="green"), Counter([A1, A1]))[0]


def test_an_invented_tap_is_found():
    assert "never taken" in problems(shown(a1="green"), Counter([A1, A2]))[0]


def test_a_hole_is_found_even_where_no_light_promised_anything():
    assert "holes" in problems(shown(a1="green", a2="none", a3="green"), Counter([A1, A3]))[0]
