import csv
import re
import sys
import time
import urllib.request
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # for tests.harness

from tests.harness.clock import morning_zone  # noqa: E402
from tests.harness.proxy import Proxy  # noqa: E402
from tests.harness.site import EXAMPLE, Programs, Site  # noqa: E402
from tests.harness.wire import Outcome, WireTerminal  # noqa: E402

DOOR, DESK = "TC-DOOR-1", "CH-DESK-1"
TAKEN = "arrived", "left", "recorded"  # which of them the time of day says; green all of them
GREEN = tuple(Outcome[word.upper()] for word in TAKEN)


def wire(site, **settings) -> WireTerminal:
    """The door, with its key."""
    return WireTerminal(site.ports.links, DOOR, key=site.link_key(DOOR), **settings)


def metrics(site) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{site.ports.console}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    return {name: float(value) for name, value in re.findall(r"^(rollcall_\S+) (\S+)$", text, re.MULTILINE)}


def errors(site, kind: str) -> float:
    return metrics(site).get(f'rollcall_link_errors_total{{kind="{kind}"}}', 0)


def wait_counted(site, kind: str, at_least: float = 1) -> None:
    end = time.monotonic() + 10
    while errors(site, kind) < at_least:
        if time.monotonic() > end:
            pytest.fail(f"{kind} was counted {errors(site, kind):g} times, expected {at_least:g}")
        time.sleep(0.1)


@pytest.fixture
def idle_site(tmp_path):
    """A site with nothing started yet; batches close and retries come quickly."""
    site = Site(tmp_path, Programs("release"))
    site.settings["site"]["timezone"] = morning_zone()
    site.settings["delivery"] |= {"batch_age": "50ms", "retry_first": "50ms", "retry_max": "500ms", "timeout": "3s"}
    with site:
        yield site


@pytest.fixture
def site(idle_site):
    """A site with its case system and its daemon up."""
    idle_site.start_case_system()
    idle_site.start_daemon()
    return idle_site


@pytest.fixture
def proxy(site):
    """Between a terminal and the daemon of `site`."""
    made = Proxy(site.ports.links)
    yield made
    made.close()


@pytest.fixture(scope="session")
def cards() -> dict[str, list[str]]:
    """Cards of the example site by the role of their holders, in the order of the file."""
    with open(EXAMPLE / "people.csv", newline="") as file:
        roles = {row["person"]: row["role"] for row in csv.DictReader(file)}
    found: dict[str, list[str]] = {}
    with open(EXAMPLE / "cards.csv", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(roles[row["person"]], []).append(row["card"])
    return found


@pytest.fixture(scope="session")
def unasked() -> dict[str, str]:
    """Participants who are due no assessment, and their cards: after their answer a place is at rest."""
    def rows(name: str) -> list[dict[str, str]]:
        with open(EXAMPLE / name, newline="") as file:
            return list(csv.DictReader(file))

    due = {row["person"] for row in rows("assignments.csv")}
    participants = {row["person"] for row in rows("people.csv") if row["role"] == "participant"}
    return {row["person"]: row["card"] for row in rows("cards.csv") if row["person"] in participants - due}


@pytest.fixture(scope="session")
def unasked_cards(unasked) -> list[str]:
    return list(unasked.values())
