"""Cards that cannot be copied, on whole programs: the desk issues them, a terminal with a PN532 takes them, the daemon
asks them for their proof. libfreefare, which is not ours, makes and reads some of them."""

import secrets

import pytest
from conftest import DOOR, TAKEN, metrics

from tests.harness.cards import ISSUING, READING, begin_issue, card_key, freefare, issue, known_by, personalise
from tests.harness.program import wait_until
from tests.harness.readers import CardModule
from tests.harness.terminal import HeldTerminal

BLANK, OTHER = "04a1b2c3d4e5f6", "04b1b2c3d4e5f6"  # chip numbers


class Entrance:
    """The door with a card module for its reader, and whoever holds cards to it."""

    def __init__(self, site, module: CardModule) -> None:
        self.site, self.module = site, module
        self.arrive()

    def arrive(self) -> None:
        self.terminal = HeldTerminal(self.site, DOOR, options=("--reader", f"serial:{self.module.device}"))
        self.terminal.wait_connected()

    def hold(self, card: str, *faults: str) -> dict:
        """Until the terminal shows something; what it shows. Then the card is away for longer than a moment."""
        before = len(self.terminal.shown())
        for fault in faults:
            self.module.do(f"fault {fault}")
        self.module.do(f"place {card}")
        wait_until(lambda: len(self.terminal.shown()) > before, 20, f"{DOOR} shows something for {card}")
        self.take_away()
        return self.terminal.shown()[before]

    def answered(self, card: str) -> tuple[dict, dict]:
        """What is shown and delivered of a tap whose card could be asked. On a busy machine that may take longer than a
        person is made to wait; then the next try counts."""
        for _ in range(3):
            shown = self.hold(card)
            tap = self.tap_of(shown)
            if tap.get("refused") != "interrupted":
                break
        return shown, tap

    def take_away(self) -> None:
        self.module.do("remove")
        wait_until(lambda: self.terminal.state()["light"] == "none", 20, "the light goes out")

    def issue(self, card: str, person: str, how: str = "issue") -> dict:
        """The card becomes this person's; the event."""
        before = len(self.site.received.events("card.issued"))
        issue(self.site, DOOR, person, lambda: self.module.do(f"place {card}"), how)
        self.take_away()
        return self.event("card.issued", before)

    def event(self, kind: str, before: int = 0) -> dict:
        """The one that came after so many."""
        events = wait_until(lambda: (now := self.site.received.events(kind))[before:] and now, 20, f"{kind} is delivered")
        return events[before]

    def tap_of(self, shown: dict) -> dict:
        """Its data, as delivered."""
        def delivered() -> list[dict]:
            return [event["data"] for event in self.site.received.events("tap.recorded")
                    if (event["data"]["tap"]["epoch"], event["data"]["tap"]["number"]) == (shown["epoch"], shown["number"])]

        [data] = wait_until(delivered, 20, f"the tap {shown} is delivered")
        return data

    def proven(self, card: str, person: str) -> None:
        """A tap that the daemon accepts because the card has proven its key."""
        before = self.conclusions()
        shown, tap = self.answered(card)
        assert shown["light"] == "green" and shown["outcome"] in TAKEN, (shown, tap)
        assert tap["live"] and tap["credential"] == "desfire" and "refused" not in tap
        wait_until(lambda: len(self.conclusions()) > len(before), 20, "what the tap came to is delivered")
        conclusion = self.conclusions()[-1]
        assert conclusion["subject"] == person
        assert conclusion["data"]["credential"] == "desfire"
        assert conclusion["data"]["assurance"] == "authenticated"

    def conclusions(self) -> list[dict]:
        return [event for event in self.site.received.events() if event["type"].startswith("org.rollcall.attendance.")]

    def refused(self, card: str, reason: str, holder: str) -> None:
        """A tap that staff are told of."""
        attended, alarms = len(self.conclusions()), len(self.site.received.events("security.card_refused"))
        counted = checks(self.site, reason)
        shown, tap = self.answered(card)
        assert shown["outcome"] == "see_staff", (shown, tap)
        assert (tap["outcome"], tap["refused"]) == ("see_staff", reason)
        alarm = self.event("security.card_refused", alarms)["data"]
        assert (alarm["reason"], alarm["holder"]) == (reason, holder)
        assert (alarm["tap"]["epoch"], alarm["tap"]["number"]) == (shown["epoch"], shown["number"])
        assert alarm["card"] == tap["card"]
        assert checks(self.site, reason) == counted + 1
        assert len(self.conclusions()) == attended, "it counts for nobody"

    def freefare(self, *arguments: str) -> str:
        """libfreefare at the module, while the terminal is away from it; what it said."""
        self.terminal.stop()
        said = freefare(self.site, self.module.device, *arguments)
        self.arrive()
        return said


def checks(site, result: str) -> float:
    return metrics(site).get(f'rollcall_card_checks_total{{result="{result}"}}', 0)


@pytest.fixture
def module(idle_site, tmp_path):
    made = CardModule(idle_site.programs.build, tmp_path / "ttyPN532")
    made.plug_in()
    yield made
    made.unplug()


@pytest.fixture
def entrance(idle_site, module):
    idle_site.places = [place for place in idle_site.places if place["serial"] == DOOR]
    idle_site.settings["attendance"] = {"double_tap_window": "1s"}
    idle_site.start_case_system()
    idle_site.start_daemon()
    return Entrance(idle_site, module)


@pytest.fixture(scope="session")
def people(unasked) -> list[str]:
    return list(unasked)


def test_a_card_of_the_desk_is_taken_for_its_proof_and_is_what_its_page_says(entrance, people):
    issued = entrance.issue(f"desfire {BLANK}", people[0])
    assert issued["subject"] == people[0]
    entrance.proven(f"desfire {BLANK}", people[0])
    entrance.proven(f"desfire {BLANK}", people[0])

    entrance.module.do(f"place desfire {BLANK}")
    site = entrance.site
    said = entrance.freefare("read", card_key(site, BLANK, ISSUING), card_key(site, BLANK, READING))
    token = said.split("token: ")[1].strip()
    assert issued["data"]["token"] == known_by(site, token)
    entrance.take_away()
    entrance.proven(f"desfire {BLANK}", people[0])
    assert site.inbox_kinds() == []
    kept = site.daemon.output() + str(site.received.events())
    assert BLANK not in kept.lower() and token not in kept.lower()


def test_a_card_that_libfreefare_made_with_the_sites_keys_is_taken_for_its_proof(entrance, people):
    site, token = entrance.site, secrets.token_hex(16)
    entrance.terminal.stop()
    entrance.module.do(f"place desfire {BLANK}")
    personalise(site, entrance.module.device, BLANK, token)
    entrance.module.do("remove")
    entrance.arrive()
    issued = entrance.issue(f"desfire {BLANK}", people[0])
    assert issued["data"]["token"] == known_by(site, token), "the card was adopted as it is"
    entrance.proven(f"desfire {BLANK}", people[0])
    assert site.inbox_kinds() == []


def test_a_copy_of_the_number_is_refused_and_staff_are_told(entrance, people):
    entrance.issue(f"desfire {BLANK}", people[0])
    entrance.refused(f"uid {BLANK}", "not_authentic", people[0])           # a card without APDUs
    entrance.refused(f"desfire {BLANK} copy", "not_authentic", people[0])  # a blank one
    entrance.module.do(f"place desfire {BLANK} copy")
    entrance.freefare("write", *(secrets.token_hex(16) for _ in range(3)))  # with other keys
    entrance.take_away()
    entrance.refused(f"desfire {BLANK} copy", "not_authentic", people[0])
    assert entrance.site.inbox_kinds() == ["card-not-authentic"], "one matter, however often"
    entrance.proven(f"desfire {BLANK}", people[0])


def test_a_card_that_is_no_longer_in_force_is_refused(entrance, people):
    first, second = f"desfire {BLANK}", f"desfire {OTHER}"
    said = entrance.site.rollcall
    entrance.issue(first, people[0])
    lost = said("card", "lost", "--person", people[0], "--reason", "In the tram.")
    assert lost.returncode == 0, lost.stderr
    entrance.refused(first, "lost", people[0])
    entrance.issue(second, people[0])
    entrance.proven(second, people[0])
    entrance.issue("desfire 04c1b2c3d4e5f6", people[0], "replace")
    entrance.refused(second, "replaced", people[0])
    entrance.proven("desfire 04c1b2c3d4e5f6", people[0])
    revoked = said("card", "revoke", "--person", people[0], "--reason", "The course is over.")
    assert revoked.returncode == 0, revoked.stderr
    entrance.refused("desfire 04c1b2c3d4e5f6", "revoked", people[0])
    assert set(entrance.site.inbox_kinds()) == {"card-withdrawn"}


def test_a_card_that_is_pulled_away_is_no_alarm_and_the_next_try_counts(entrance, people):
    site, card = entrance.site, f"desfire {BLANK}"
    entrance.issue(card, people[0])
    # One in each of the four exchanges: bytes over the air, of which it takes 40 until the card is recognised and 203
    # until it has said all.
    for pulled in (45, 70, 110, 170):
        shown = entrance.hold(card, f"pulled {pulled}")
        assert shown["outcome"] == "see_staff", (pulled, shown)
        assert entrance.tap_of(shown)["refused"] == "interrupted"
    assert checks(site, "interrupted") == 4
    entrance.proven(card, people[0])
    assert site.received.events("security.card_refused") == []
    assert site.inbox_kinds() == []


def test_a_reader_that_falls_silent_serves_the_next_person_when_it_is_back(entrance, people, cards):
    site, card = entrance.site, f"desfire {BLANK}"
    entrance.issue(card, people[0])
    for after in (1, 3):  # in the first and in a later exchange with the daemon: the very first asks for a bank card
        shown = entrance.hold(card, f"mute {after}")
        assert shown["outcome"] == "see_staff", shown
        assert shown["shown_ms"] < 1500, "nobody waits longer than for any answer"
        assert entrance.tap_of(shown)["refused"] == "interrupted"
        entrance.module.do("fault none")
        entrance.proven(card, people[0])

    entrance.module.hang()
    entrance.terminal.wait_slot("out_of_service", 20)
    entrance.module.go_on()
    entrance.terminal.wait_slot("idle", 20)
    entrance.proven(card, people[0])
    entrance.module.unplug()
    entrance.terminal.wait_slot("out_of_service", 20)
    entrance.module.plug_in()  # and its cards are others
    entrance.terminal.wait_slot("idle", 20)
    shown = entrance.hold(f"uid {cards['participant'][0]}")
    assert shown["light"] == "green", shown
    assert site.received.events("security.card_refused") == []
    assert site.inbox_kinds() == []


def test_a_tap_without_the_daemon_is_recorded_as_not_verified(entrance, people):
    card = f"desfire {BLANK}"
    entrance.issue(card, people[0])
    entrance.terminal.plug(False)
    entrance.terminal.wait_connected(False)
    shown = entrance.hold(card)
    assert (shown["light"], shown["outcome"]) == ("amber", "recorded_offline")
    entrance.terminal.plug(True)
    entrance.terminal.wait_connected().wait_empty()
    tap = entrance.tap_of(shown)
    assert not tap["live"] and tap["credential"] == "unverified" and "refused" not in tap
    conclusion = wait_until(entrance.conclusions, 20, "what it came to is delivered")[-1]
    assert conclusion["subject"] == people[0]
    assert (conclusion["data"]["credential"], conclusion["data"]["assurance"]) == ("unverified", "uid_offline")
    entrance.proven(card, people[0])


def test_a_card_that_is_taken_away_at_the_desk_is_issued_at_the_second_try(entrance, people):
    card = f"desfire {BLANK}"
    with begin_issue(entrance.site, DOOR, people[0]) as desk:
        entrance.hold(card, "pulled 250")  # bytes over the air, of many more
        assert desk.wait() == 1
        assert "taken away" in desk.said and "Nobody was given a card" in desk.said
    entrance.issue(card, people[0])
    entrance.proven(card, people[0])
