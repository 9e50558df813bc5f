"""Somebody who is signed in at the console, by the API that its page uses."""

import http.client
import json


class ConsoleError(RuntimeError):
    """The console refused; `status` says how."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status


def ask(port: int, method: str, path: str, body: object = None, headers: dict[str, str] | None = None):
    """One request: (status, headers, text)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {"Content-Type": "application/json", **(headers or {})})
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


class Console:
    """Signs in at once, and again when its session has ended."""

    def __init__(self, port: int, name: str, password: str) -> None:
        self.port, self.name, self.password = port, name, password
        self.cookie = self.token = ""
        self.sign_in()

    def sign_in(self) -> None:
        status, headers, text = ask(self.port, "POST", "/api/v1/session",
                                    {"name": self.name, "password": self.password})
        if status != 200:
            raise ConsoleError(status, text)
        self.cookie = headers["Set-Cookie"].split(";")[0]
        self.token = json.loads(text)["token"]

    def send(self, method: str, path: str, body: object = None):
        def once():
            return ask(self.port, method, path, body, {"Cookie": self.cookie, "X-Rollcall-Token": self.token})

        status, _, text = once()
        if status == 401:
            self.sign_in()
            status, _, text = once()
        if status != 200:
            raise ConsoleError(status, text)
        return json.loads(text)

    def get(self, path: str):
        return self.send("GET", path)

    def post(self, path: str, body: object):
        return self.send("POST", path, body)
