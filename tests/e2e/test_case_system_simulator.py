"""rollcall-casesim as a program: over TLS, through kills, with its faults."""

import copy
import gzip
import http.client
import json
import os
import ssl
import threading
import time
import uuid
from pathlib import Path

import pytest

from tests.harness import pki
from tests.harness.case_system import CaseSystem
from tests.harness.program import Program, free_ports, wait_until

ROOT = Path(__file__).resolve().parents[2]
CASESIM = ROOT / "build" / os.environ.get("ROLLCALL_PRESET", "release") / "tests/casesim/rollcall-casesim"
SITE = "brussels-centre"
TAP = json.loads((ROOT / "docs/api/examples/tap.recorded.v1.json").read_text())
EPOCH = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"


class Receiver:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificates = pki.make(folder / "tls")
        self.port = free_ports(1)[0]
        self.database = folder / "casesim.db"
        self.held = CaseSystem(self.database)
        self.program: Program | None = None
        self._tls = ssl.create_default_context(cafile=str(self.certificates.ca))

    def command(self, **changed: object) -> list[object]:
        options = {"listen": f"127.0.0.1:{self.port}", "cert": self.certificates.certificate,
                   "key": self.certificates.key, "db": self.database, "api": ROOT / "docs/api"} | changed
        return [CASESIM, *(part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", value))]

    def start(self, **options: object) -> Program:
        self.program = Program("rollcall-casesim", self.command(**options), self.folder / "casesim.log")
        self.program.wait_ready(self.ready)
        return self.program

    def ready(self) -> bool:
        try:
            return self.request("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("localhost", self.port, context=self._tls, timeout=10)

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        connection = self.connect()
        try:
            connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def post(self, batch: dict) -> tuple[int, dict | bytes]:
        body = gzip.compress(json.dumps(batch).encode(), mtime=0)
        status, text = self.request("POST", f"/v1/sites/{SITE}/batches", body, Content_Type="application/json",
                                    Content_Encoding="gzip", Idempotency_Key=f'"{batch["batch"]}"')
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text


@pytest.fixture
def receiver(tmp_path):
    made = Receiver(tmp_path)
    yield made
    if made.program and made.program.running():
        made.program.stop()


def batch_of(first: int, last: int) -> dict:
    events = []
    for sequence in range(first, last + 1):
        event = copy.deepcopy(TAP)
        event |= {"id": str(uuid.uuid5(uuid.NAMESPACE_OID, str(sequence))), "sequence": f"{sequence:020}",
                  "logepoch": EPOCH}
        events.append(event)
    return {"batch": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{first}-{last}")), "site": SITE,
            "range": {"epoch": EPOCH, "first": first, "last": last}, "events": events, "checkpoint": None}


def is_receipt_for(batch: dict, answer: object) -> bool:
    try:
        ids = list(answer["accepted"]) + [entry["id"] for entry in answer["rejected"]]
    except (KeyError, TypeError):
        return False
    return sorted(ids) == sorted(event["id"] for event in batch["events"])


def deliver(receiver: Receiver, batch: dict) -> tuple[dict, int]:
    """As a site does: the same bytes again until there is a receipt for this batch."""
    for tries in range(1, 200):
        try:
            status, answer = receiver.post(batch)
        except (OSError, http.client.HTTPException):
            continue
        assert status in (200, 500, 503), answer
        if status == 200 and is_receipt_for(batch, answer):
            return answer, tries
    raise AssertionError("no receipt in 200 tries")


def test_what_has_a_receipt_survives_kill_9(receiver):
    receipts = {}
    for round_ in range(5):
        receiver.start()
        for first in (round_ * 20 + 1, round_ * 20 + 11):
            batch = batch_of(first, first + 9)
            status, receipts[first] = receiver.post(batch)
            assert status == 200
        receiver.program.kill()
    receiver.start()
    for first, receipt in receipts.items():
        assert receiver.post(batch_of(first, first + 9)) == (200, receipt)
    status, state = receiver.request("GET", f"/v1/sites/{SITE}/state")
    assert json.loads(state)["sequence"] == 100
    assert receiver.held.count() == 100
    assert receiver.held.sequence_holes() == {}


def test_a_repeating_sender_gets_through_all_faults_exactly_once(receiver):
    receiver.start(fail_rate=0.3, drop_after_commit_rate=0.3, wrong_receipt_rate=0.3, busy_rate=0.1, seed=7)
    tries = 0
    for first in range(1, 400, 10):
        receipt, needed = deliver(receiver, batch_of(first, first + 9))
        assert receipt["rejected"] == []
        tries += needed
    counted = json.loads(receiver.request("GET", "/healthz")[1])["faults"]
    assert min(counted["failed"], counted["busy"], counted["dropped_after_commit"], counted["wrong_receipts"]) >= 3
    assert tries > 40
    assert receiver.held.count() == 400
    assert receiver.held.sequence_holes() == {}
    assert len({event["id"] for event in receiver.held.events()}) == 400


def test_a_large_batch_is_split_by_nobody_but_refused(receiver):
    receiver.start()
    body = os.urandom(9 * 1024 * 1024)
    try:
        status, answer = receiver.request("POST", f"/v1/sites/{SITE}/batches", body, Content_Type="application/json",
                                          Idempotency_Key=f'"{uuid.uuid4()}"')
        assert (status, json.loads(answer)["status"]) == (413, 413)
    except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
        pass  # it need not read all of it to say no
    assert receiver.post(batch_of(1, 2))[0] == 200


def test_sigterm_lets_a_request_under_way_finish(receiver):
    program = receiver.start(latency=400)
    idle = receiver.connect()
    idle.request("GET", "/healthz")
    idle.getresponse().read()  # the connection stays open
    answers = []
    sender = threading.Thread(target=lambda: answers.append(receiver.post(batch_of(1, 3))))
    sender.start()
    time.sleep(0.2)
    assert program.stop() < 1.5
    sender.join()
    idle.close()
    assert program.exit_code == 0
    assert [status for status, _ in answers] == [200]
    assert receiver.held.count() == 3


def test_port_0_takes_a_free_port_and_says_which(receiver):
    program = Program("rollcall-casesim", receiver.command(listen="127.0.0.1:0"), receiver.folder / "casesim.log")
    receiver.program = program
    line = wait_until(lambda: program.output(), 10, "the program says where it listens")
    receiver.port = int(line.split("https://127.0.0.1:")[1].split(",")[0])
    assert receiver.ready()


@pytest.mark.parametrize("changed, word", [
    ({"api": "/nonexistent"}, "/nonexistent"),
    ({"cert": "/nonexistent.pem"}, "--cert /nonexistent.pem"),
    ({"listen": "somewhere"}, "ADDRESS:PORT"),
    ({"reject_people": "/nonexistent"}, "/nonexistent"),
    ({"fail_rate": "2"}, "fail-rate"),
    ({"db": "/nonexistent/casesim.db"}, "/nonexistent/casesim.db"),
])
def test_it_says_why_it_does_not_start(receiver, changed, word):
    program = Program("rollcall-casesim", receiver.command(**changed), receiver.folder / "casesim.log")
    assert program.wait(10) != 0
    assert word in program.output()
    assert 1 <= len(program.output().strip().splitlines()) <= 2


def test_a_busy_port_is_named(receiver):
    receiver.start()
    second = Program("rollcall-casesim", receiver.command(db=receiver.folder / "other.db"),
                     receiver.folder / "second.log")
    assert second.wait(10) != 0
    assert str(receiver.port) in second.output()
