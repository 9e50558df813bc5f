"""kill -9 of the daemon at any moment loses nothing that a terminal has shown, and invents nothing."""

import os
import random

from judge import problems
from storm import FAIL_POINTS, Outcome, Plan, Storm

SEED = int(os.environ.get("ROLLCALL_SEED") or random.SystemRandom().randrange(1 << 31))
FULL = bool(os.environ.get("ROLLCALL_FULL"))


def play(tmp_path, **plan) -> Outcome:
    print(f"\nseed {SEED} (ROLLCALL_SEED={SEED} plays the same plan again)")
    outcome = Storm(tmp_path, Plan(seed=SEED, **plan)).run()
    hits = ", ".join(f"{point} {outcome.hits[point]}" for point in FAIL_POINTS)
    lights = list(outcome.shown.lights.values())
    print(f"{outcome.kills} kills in {outcome.seconds:.0f} s; at fail points: {hits}; shown: "
          f"{lights.count('green')} green, {lights.count('amber')} amber, {lights.count('none')} none; "
          f"delivered: {sum(outcome.delivered.values())}")
    return outcome


def judge(outcome: Outcome, kills: int) -> None:
    assert problems(outcome.shown, outcome.delivered) == []
    assert len(outcome.shown.promised()) > 0
    assert outcome.kills >= kills
    assert outcome.seconds >= 20
    for point in FAIL_POINTS:
        assert outcome.hits[point] >= 3, f"fail point {point} was hit {outcome.hits[point]} times"


def test_kill_minus_nine_loses_nothing(tmp_path):
    kills = 60 if FULL else 20
    judge(play(tmp_path, random_kills=kills, taps=180 if FULL else 60), kills)


def test_kill_minus_nine_with_a_failing_case_system(tmp_path):
    faults = ("--fail-rate", "0.33", "--drop-after-commit-rate", "0.2")
    kills = 60 if FULL else 20
    judge(play(tmp_path, random_kills=kills, taps=180 if FULL else 60, faults=faults), kills)


def test_a_daemon_that_does_not_commit_is_caught(tmp_path):
    """Without the commit the same test must fail, or it tests nothing."""
    outcome = play(tmp_path, terminals=20, taps=20, random_kills=3, hits_per_point=0, broken="skip-commit")
    found = problems(outcome.shown, outcome.delivered)
    print("the judge says: " + "; ".join(found))
    assert any("shown and not delivered" in problem for problem in found)

