"""Signing in at the console of the real daemon: the first manager, restarts, TLS."""

import http.client
import json
import re
import ssl

import pytest

from tests.harness.console import Console, ConsoleError, ask

PASSWORD = "three calm words"


def test_the_first_start_prints_a_link_that_makes_the_manager_once(idle_site):
    idle_site.start_daemon()
    address = re.search(r"http://127\.0\.0\.1:(\d+)/#first-manager=([0-9a-f]{64})", idle_site.daemon.output())
    assert address, idle_site.daemon.output()
    assert int(address[1]) == idle_site.ports.console
    wanted = {"link": address[2], "name": "sophie", "password": PASSWORD}
    status, _, text = ask(idle_site.ports.console, "POST", "/api/v1/first-manager", wanted)
    assert status == 200 and json.loads(text)["role"] == "manager"
    assert ask(idle_site.ports.console, "POST", "/api/v1/first-manager", wanted)[0] == 401
    assert address[2] not in idle_site.query("SELECT group_concat(hex(digest)) FROM sign_in")[0][0].lower()

    idle_site.daemon.stop()
    idle_site.start_daemon()
    assert "#first-manager=" not in idle_site.daemon.output()
    assert Console(idle_site.ports.console, "sophie", PASSWORD).get("/api/v1/accounts")["accounts"][0]["name"] == "sophie"


def test_a_session_outlives_a_restart_and_ends_with_its_account(idle_site):
    idle_site.start_daemon()
    desk = idle_site.console("desk")
    idle_site.daemon.kill()
    idle_site.start_daemon()
    headers = {"Cookie": desk.cookie}
    assert ask(desk.port, "GET", "/api/v1/session", headers=headers)[0] == 200
    assert idle_site.rollcall("account", "disable", "desk").returncode == 0
    assert ask(desk.port, "GET", "/api/v1/session", headers=headers)[0] == 401
    with pytest.raises(ConsoleError, match="401"):
        desk.get("/api/v1/session")


def test_who_did_what_is_on_record(idle_site):
    idle_site.start_daemon()
    person = idle_site.query("SELECT id FROM person WHERE role = 'participant' AND NOT protected LIMIT 1")[0][0]
    idle_site.console("desk").post("/api/v1/attendance/assist",
                                   {"person": person, "direction": "in", "cause": "no_card", "actor": "somebody-else"})
    listed = idle_site.rollcall("--json", "audit", "list", "--subject", person)
    row = json.loads(listed.stdout)["rows"][0]
    assert (row["account"], row["role"], row["status"]) == ("desk", "desk", 200)
    actor = idle_site.query("SELECT data FROM payload_attendance ORDER BY position DESC LIMIT 1")[0][0]
    assert row["actor"] in actor and "somebody-else" not in actor


def test_with_a_certificate_the_console_speaks_tls_only(idle_site):
    tls = idle_site.certificates
    idle_site.write_config(lambda s: s["console"].update(
        address="0.0.0.0", certificate=str(tls.certificate), key=str(tls.key), host="localhost"))
    idle_site.start_daemon()
    assert f"https://localhost:{idle_site.ports.console}/#first-manager=" in idle_site.daemon.output()
    password = idle_site.account("viewer", "viewer")
    context = ssl.create_default_context(cafile=str(tls.ca))
    connection = http.client.HTTPSConnection("localhost", idle_site.ports.console, context=context, timeout=20)
    connection.request("POST", "/api/v1/session", json.dumps({"name": "viewer", "password": password}),
                       {"Content-Type": "application/json", "Origin": f"https://localhost:{idle_site.ports.console}"})
    response = connection.getresponse()
    assert response.status == 200, response.read()
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-rollcall=") and "Secure" in cookie and "HttpOnly" in cookie
    response.read()
    connection.request("GET", "/api/v1/overview", headers={"Cookie": cookie.split(";")[0]})
    assert connection.getresponse().status == 200
    connection.close()
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        ask(idle_site.ports.console, "GET", "/metrics")
