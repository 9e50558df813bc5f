"""The driver of enrolment, against small programs that prompt as the real ones do."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.harness import enrol
from tests.harness.program import ProgramError
from tests.harness.wire import Grant, HostInBackground, WireHost

# Both speak about one number through a file; `behaviour` makes one of them go wrong.
TERMINAL = """
import sys
say = lambda text, end="\\n": print(text, end=end, flush=True)
behaviour, settings = {behaviour!r}, sys.argv[sys.argv.index("--settings") + 1]
say("enrol: waiting for the host")
if behaviour == "silent terminal":
    sys.stdin.readline()
if behaviour == "nobody asked":
    say("enrol: failed: the host expects no terminal with this serial"); sys.exit(1)
say("enrol: this terminal shows 482 913")
say("enrol: does the host show the same number? yes or no: ", end="")
answer = sys.stdin.readline().strip()
if answer != "yes":
    say("enrol: failed: the numbers differ"); sys.exit(1)
open(settings, "w").write("key")
say("enrol: done, this terminal belongs to brussels-senne")
"""
HOST = """
import sys
say = lambda text, end="\\n": print(text, end=end, flush=True)
behaviour, known = {behaviour!r}, {known!r}
if "list" in sys.argv:
    say("TERMINAL  ROOM  STATE"); say(open(known).read(), end=""); sys.exit(0)
serial = sys.argv[sys.argv.index("enrol") + 1]
say("The window for " + serial + " is open for 120 seconds.")
say({prompt!r}, end="")
typed = sys.stdin.readline().strip()
if behaviour == "another number":
    say("\\nThe numbers differ."); sys.exit(1)
agreed = "482 914" if behaviour == "lying host" else typed[:3] + " " + typed[3:]
say("The numbers agree: " + agreed + ". Now confirm on the terminal.")
open(known, "a").write(serial + "  Room  active\\n")
say(serial + " is enrolled")
sys.exit(3 if behaviour == "late failure" else 0)
"""
PROMPT = "Type the six digits that the terminal shows: "


class FakeSite(SimpleNamespace):
    def settings_file(self, serial: str) -> Path:
        return self.folder / "terminals" / f"{serial}.settings"

    def played_environment(self) -> dict[str, str]:
        return {}

    def rollcall(self, *arguments: str):
        return subprocess.run([self.programs.rollcall, *arguments], capture_output=True, text=True, timeout=10)


@pytest.fixture
def site(tmp_path, request):
    return make_site(tmp_path)


def make_site(folder: Path, behaviour: str = "", prompt: str = PROMPT) -> FakeSite:
    known = folder / "known"
    known.touch()
    programs = {}
    for name, text in (("terminal", TERMINAL), ("rollcall", HOST)):
        file = folder / name
        file.write_text(f"#!{sys.executable}" + text.format(behaviour=behaviour, known=str(known), prompt=prompt))
        file.chmod(0o755)
        programs[name] = file
    return FakeSite(folder=folder, programs=SimpleNamespace(**programs), control_socket=folder / "control.sock",
                    ports=SimpleNamespace(links=1), settings={"site": {"languages": ["fr", "en"]}})


@pytest.mark.parametrize("prompt", [PROMPT, "The terminal shows six digits. Type them: "])
def test_the_digits_go_from_one_prompt_to_the_other(tmp_path, prompt):
    site = make_site(tmp_path, prompt=prompt)
    done = enrol.enrol(site, "RC-1", "Room Senne", "training", ["fr", "en"])
    assert (done.serial, done.site, done.digits) == ("RC-1", "brussels-senne", "482913")
    assert site.settings_file("RC-1").exists()


@pytest.mark.parametrize("behaviour, words", [
    ("nobody asked", ["rollcall-terminal RC-1", "expects no terminal"]),
    ("another number", ["terminal enrol RC-1", "The numbers differ"]),
    ("lying host", ["shows 482913", "agrees to 482914"]),
    ("late failure", ["exit code 3", "RC-1 is enrolled"]),
])
def test_what_goes_wrong_is_said_with_the_programs_words(tmp_path, behaviour, words):
    with pytest.raises(ProgramError) as error:
        enrol.enrol(make_site(tmp_path, behaviour), "RC-1", "Room", "training", ["fr"])
    for word in words:
        assert word in str(error.value)


def test_a_program_that_says_nothing_is_not_waited_for(tmp_path, monkeypatch):
    site = make_site(tmp_path, "silent terminal")
    with enrol.TerminalDialogue(site, "RC-1", site.settings_file("RC-1")) as terminal:
        with pytest.raises(ProgramError, match="within 0.5 s; it said: enrol: waiting for the host"):
            terminal.wait_for(enrol.TERMINAL_SHOWS, 0.5)
    assert terminal._process.poll() is not None


def test_who_is_enrolled_already_is_left_alone(site):
    places = [{"serial": f"STORM-{number:03}", "room": "Room", "mode": "training"} for number in range(1, 4)]
    first = enrol.enrol_missing(site, places[:2])
    assert [done.serial for done in first] == ["STORM-001", "STORM-002"]
    assert [done.serial for done in enrol.enrol_missing(site, places)] == ["STORM-003"]
    site.settings_file("STORM-002").unlink()
    assert [done.serial for done in enrol.enrol_missing(site, places)] == ["STORM-002"]


def test_a_crowd_is_enrolled_one_after_the_other(site):
    done = enrol.enrol_many(site, ["A-1", "A-2", "A-3"], "Room", "training", ["fr"])
    assert [one.serial for one in done] == ["A-1", "A-2", "A-3"]


def test_the_person_at_the_terminal_may_say_no(tmp_path):
    site = make_site(tmp_path)
    with enrol.TerminalDialogue(site, "RC-1", site.settings_file("RC-1")) as terminal:
        assert terminal.digits() == "482913"
        terminal.confirm(False)
        assert terminal.wait() == 1
        assert "the numbers differ" in terminal.said


def test_a_scripted_terminal_is_enrolled_by_the_hosts_prompt_and_uses_its_key(site):
    """The host's program and its end of the link are two here; in a real host they are one."""
    grant = Grant(bytes(range(32)), bytes(32), "brussels-senne")

    def play(host: WireHost) -> None:
        host.greet()
        if host.opener is None:
            host.keys["RC-1"] = grant.key
            host.closed_within(5)
            sessions.append(host.opener is not None and host.opener.newest is not None)
        else:
            assert host.grant(host.number(), grant)

    sessions: list[bool] = []
    with HostInBackground(play, connections=2) as host:
        site.ports.links = host.port
        assert enrol.enrol_scripted(site, {"serial": "RC-1", "room": "Room", "mode": "training"}) == grant.key
    assert sessions == [True]
