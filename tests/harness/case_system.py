"""What rollcall-casesim holds, read from its SQLite file while it runs."""

import json
import sqlite3
from collections import Counter, defaultdict
from pathlib import Path

PREFIX = "org.rollcall."


class CaseSystem:
    def __init__(self, database: Path) -> None:
        self._database = database

    def _rows(self, sql: str, *values) -> list[tuple]:
        connection = sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def events(self, kind: str | None = None) -> list[dict]:
        """Accepted events as CloudEvents, in log order; `kind` such as "tap.recorded"."""
        rows = self._rows("SELECT e.body FROM event e JOIN head h USING (site, epoch) ORDER BY h.opened, e.sequence")
        events = [json.loads(body) for (body,) in rows]
        return [e for e in events if kind is None or e["type"] == f"{PREFIX}{kind}.v1"]

    def count(self) -> int:
        return self._rows("SELECT count(*) FROM event")[0][0]

    def kinds(self) -> Counter:
        return Counter(e["type"].removeprefix(PREFIX).removesuffix(".v1") for e in self.events())

    def rejected(self) -> list[dict]:
        """Events that wait here for a repair: the newest reason of each."""
        rows = self._rows("SELECT event_id, type, subject, reason, attempt FROM rejected"
                          " WHERE resolved_ms IS NULL ORDER BY epoch, sequence")
        return [dict(zip(("event", "type", "subject", "reason", "attempt"), row)) for row in rows]

    def accepted_order(self, subjects: set[str]) -> list[int]:
        """Sequence numbers of these subjects' events in the order in which they were accepted."""
        rows = self._rows("SELECT sequence, subject FROM event ORDER BY rowid")
        return [sequence for sequence, subject in rows if subject in subjects]

    def taps(self) -> dict[tuple[str, str, int], int]:
        """How often each tap (terminal, epoch, number) was delivered as tap.recorded."""
        return Counter((e["data"]["terminal"], e["data"]["tap"]["epoch"], e["data"]["tap"]["number"])
                       for e in self.events("tap.recorded"))

    def tap_number_holes(self) -> dict[tuple[str, str], list[int]]:
        """Missing tap numbers of each (terminal, epoch), counted from 1 to the highest."""
        numbers = defaultdict(set)
        for terminal, epoch, number in self.taps():
            numbers[terminal, epoch].add(number)
        holes = {key: sorted(set(range(1, max(seen) + 1)) - seen) for key, seen in numbers.items()}
        return {key: missing for key, missing in holes.items() if missing}

    def sequence_holes(self) -> dict[str, list[int]]:
        """Missing sequence numbers of each log epoch; a rejected event keeps its number."""
        numbers = defaultdict(set)
        for epoch, sequence in self._rows("SELECT epoch, sequence FROM slot"):
            numbers[epoch].add(sequence)
        holes = {epoch: sorted(set(range(1, max(seen) + 1)) - seen) for epoch, seen in numbers.items()}
        return {epoch: missing for epoch, missing in holes.items() if missing}
