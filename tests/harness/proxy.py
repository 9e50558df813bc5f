"""A TCP proxy between a terminal and the daemon that holds, drops or cuts what passes.

Bytes are not understood here. A test says in which direction nothing may pass and for how long; the
link's own retransmission and the terminal's deadline do the rest.
"""

import asyncio
import threading


class Direction:
    """One way through the proxy."""

    def __init__(self) -> None:
        self.passing = asyncio.Event()
        self.passing.set()
        self.drop = False
        self.bytes = 0


class Proxy:
    """Listens on a loopback port of its own; `close()` ends it. Methods are safe from any thread."""

    def __init__(self, target_port: int) -> None:
        self._target = target_port
        self._loop = asyncio.new_event_loop()
        self._connections: set[asyncio.StreamWriter] = set()
        self._refusing = False
        self._to_daemon = Direction()
        self._to_terminal = Direction()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._call(self._listen())
        self.port: int = self._server.sockets[0].getsockname()[1]

    # What a test says ----------------------------------------------------------------------------

    def hold_answers(self) -> None:
        """Bytes from the daemon wait here."""
        self._do(self._to_terminal.passing.clear)

    def release_answers(self) -> None:
        self._do(self._to_terminal.passing.set)

    def drop_answers(self, drop: bool = True) -> None:
        """Bytes from the daemon are thrown away while this is on."""
        self._do(lambda: setattr(self._to_terminal, "drop", drop))

    def hold_taps(self) -> None:
        """Bytes from the terminal wait here."""
        self._do(self._to_daemon.passing.clear)

    def release_taps(self) -> None:
        self._do(self._to_daemon.passing.set)

    def drop_taps(self, drop: bool = True) -> None:
        """Bytes from the terminal are thrown away while this is on."""
        self._do(lambda: setattr(self._to_daemon, "drop", drop))

    def cut(self, refuse: bool = False) -> None:
        """Resets every connection; with `refuse`, also every new one until `allow()`."""
        def reset() -> None:
            self._refusing = refuse
            for writer in list(self._connections):
                writer.transport.abort()
        self._do(reset)

    def allow(self) -> None:
        self._do(lambda: setattr(self, "_refusing", False))

    @property
    def bytes_to_daemon(self) -> int:
        return self._to_daemon.bytes

    @property
    def bytes_to_terminal(self) -> int:
        return self._to_terminal.bytes

    def close(self) -> None:
        async def end() -> None:
            self._server.close()
            for writer in list(self._connections):
                writer.transport.abort()
            tasks = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self._call(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # How it is done --------------------------------------------------------------------------------

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def _do(self, action) -> None:
        async def act() -> None:
            action()
        self._call(act())

    async def _listen(self):
        return await asyncio.start_server(self._connected, "127.0.0.1", 0)

    async def _connected(self, terminal_in: asyncio.StreamReader, terminal_out: asyncio.StreamWriter) -> None:
        if self._refusing:
            terminal_out.transport.abort()
            return
        try:
            daemon_in, daemon_out = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            terminal_out.transport.abort()
            return
        ends = {terminal_out, daemon_out}
        self._connections |= ends
        try:
            await asyncio.wait(
                {asyncio.ensure_future(self._pump(terminal_in, daemon_out, self._to_daemon)),
                 asyncio.ensure_future(self._pump(daemon_in, terminal_out, self._to_terminal))},
                return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._connections -= ends
            for writer in ends:
                writer.transport.abort()

    @staticmethod
    async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: Direction) -> None:
        try:
            while data := await source.read(65536):
                way.bytes += len(data)
                if way.drop:
                    continue
                await way.passing.wait()
                sink.write(data)
                await sink.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
