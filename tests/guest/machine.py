"""A virtual machine with a Linux kernel of its own and this machine's programs, by software emulation.

Its root is the host's; what it writes stays in its memory. The folder of a site is at /srv/site, for both to write.
Devices plugged into tests/harness/usb.py's RedirectedUsb are on its USB controller.
"""

import re
import socket
import time
from pathlib import Path

from tests.guest import kernel
from tests.harness.program import Program, ProgramError
from tests.harness.site import Site
from tests.harness.usb import RedirectedUsb

PATIENCE = 90  # seconds for anything; an emulated machine shares two processors with everybody
ENDED = re.compile(rb"\n@ended (\d+)\r?\n")
HOST = "10.0.2.2"  # the host's loopback interface, from inside


class Guest:
    def __init__(self, site: Site, usb: RedirectedUsb | None, serials: list[str], processors: int, *options: str) -> None:
        """Started; ready when the first command has run. `usb`: of the terminals in `serials`. `options`: further ones
        of QEMU."""
        made = kernel.fetched()
        path = site.folder / "shell"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen(1)
        devices = [word for number, serial in enumerate(serials)
                   for word in ("-chardev", f"socket,id=usb{number},path={usb.socket(serial)}",
                                "-device", f"usb-redir,chardev=usb{number},bus=bus.0")]
        self.console = site.folder / "console.log"
        self._program = Program("qemu-system-x86_64", [
            "qemu-system-x86_64", "-M", "q35", "-accel", "tcg,thread=multi,tb-size=256", "-cpu", "max",
            "-smp", str(processors), "-m", "768", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", str(made / "vmlinux"), "-initrd", str(made / "initramfs"),
            "-append", "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable random.trust_cpu=on",
            "-serial", f"file:{self.console}", "-chardev", f"socket,id=shell,path={path}", "-serial", "chardev:shell",
            "-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
            "-virtfs", f"local,path={site.folder},mount_tag=site,security_model=none,multidevs=remap",
            "-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile=",
            "-device", "qemu-xhci,id=bus,p2=8,p3=4", *devices, *options], site.folder / "qemu.log")
        listener.settimeout(PATIENCE)
        try:
            self._shell = listener.accept()[0]
        finally:
            listener.close()
        self._said = b""
        self._answer("it starts", PATIENCE)

    def run(self, command: str, seconds: float = PATIENCE) -> str:
        """What a command line of its shell, run by root, writes; ProgramError when it fails."""
        code, output = self.attempt(command, seconds)
        if code != 0:
            raise ProgramError(f"in the guest, `{command}` ended with {code}: {output.strip()}")
        return output

    def attempt(self, command: str, seconds: float = PATIENCE) -> tuple[int, str]:
        self._shell.sendall(command.encode() + b"\n")
        return self._answer(f"it runs `{command}`", seconds)

    def _answer(self, does: str, seconds: float) -> tuple[int, str]:
        end = time.monotonic() + seconds
        while not (found := ENDED.search(self._said)):
            self._shell.settimeout(max(0.01, end - time.monotonic()))
            try:
                data = self._shell.recv(65536)
            except TimeoutError:
                raise ProgramError(f"waited {seconds:g} s in vain until the guest had done this: {does}; "
                                   f"its console says: {self._last_words()}") from None
            if not data:
                raise ProgramError(f"the guest ended, as {does}; its console says: {self._last_words()}")
            self._said += data
        output, self._said = self._said[:found.start()], self._said[found.end():]
        return int(found[1]), output.decode(errors="replace")

    def stop(self) -> None:
        """As a power cut does: nothing that the guest wrote is kept, but what is in the site's folder."""
        self._shell.close()
        self._program.kill()

    def __enter__(self) -> "Guest":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def _last_words(self) -> str:
        lines = self.console.read_text(errors="replace").splitlines() if self.console.exists() else []
        return "\n".join(lines[-5:]) or self._program.last_words()
