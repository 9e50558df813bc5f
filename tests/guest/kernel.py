"""The guest's kernel: Debian's own, fetched and unpacked into build/guest and never installed, since an installed
kernel is one that this machine may boot next.

Done once for each version that apt offers.
"""

import contextlib
import lzma
import os
import re
import shutil
import struct
import subprocess
from pathlib import Path

from tests.harness.program import ProgramError

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build/guest"
PACKAGE = "linux-image-amd64"  # a name for the newest; the cloud flavour has neither USB nor 9p
MODULES = ("virtio_pci", "virtio_net", "9p", "9pnet_virtio", "overlay", "xhci-pci", "usbhid", "hid-generic", "evdev")
PATIENCE = 300  # seconds for a download of 70 MB


def fetched() -> Path:
    """The folder with `vmlinux` and `initramfs`."""
    folder = KEPT / "kernel"
    init = (Path(__file__).parent / "init").read_bytes()
    made_of = folder / "package", folder / "init", folder / "modules"
    offered = _newest()
    if all(file.exists() for file in made_of) and made_of[1].read_bytes() == init \
            and made_of[2].read_text().split() == list(MODULES) and offered in (None, made_of[0].read_text()):
        return folder
    shutil.rmtree(KEPT, ignore_errors=True)
    work = KEPT / "work"
    work.mkdir(parents=True)
    package = _download(offered, work)
    _run("dpkg-deb", "--extract", next(work.glob("*.deb")), work / "unpacked")
    folder.mkdir()
    (folder / "vmlinux").write_bytes(_uncompressed(next(work.glob("unpacked/boot/vmlinuz-*"))))
    _make_initramfs(folder / "initramfs", init, _modules(work / "unpacked"), work / "initramfs")
    made_of[1].write_bytes(init)
    made_of[2].write_text("\n".join(MODULES))
    made_of[0].write_text(package)
    shutil.rmtree(work)
    return folder


def _run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=PATIENCE,
                          env=dict(os.environ, LC_ALL="C"))
    if done.returncode != 0:
        raise ProgramError(f"{' '.join(map(str, command))} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def _newest(*options: str) -> str | None:
    """The package that PACKAGE stands for, such as linux-image-6.1.0-56-amd64, as far as apt's lists know."""
    with contextlib.suppress(ProgramError):
        found = re.search(r"Depends: (linux-image-\S+)", _run("apt-cache", *options, "depends", PACKAGE))
        return found and found.group(1)
    return None


def _download(offered: str | None, work: Path) -> str:
    """Into `work`; the name of the package."""
    apt = ("apt-get", "-o", "Acquire::Retries=3", "-o", "Acquire::http::Timeout=60", "-o", "APT::Sandbox::User=root")
    with contextlib.suppress(ProgramError):
        if offered:
            _run(*apt, "download", offered, cwd=work)
            return offered
    # This machine's lists may be older than what the server holds, or empty; they are the administrator's, so others
    # are read here.
    for folder in ("lists", "cache"):
        (work / folder / "partial").mkdir(parents=True)
    own = ("-o", f"Dir::State::Lists={work / 'lists'}", "-o", f"Dir::Cache={work / 'cache'}")
    _run(*apt, *own, "update")
    offered = _newest(*own)
    if not offered:
        raise ProgramError(f"apt knows no package {PACKAGE}; the guest's kernel comes from Debian 12")
    _run(*apt, *own, "download", offered, cwd=work)
    return offered


def _uncompressed(image: Path) -> bytes:
    """The ELF file in a bzImage, where it is packed by xz (Linux x86 boot protocol, "payload_offset"): unpacking it
    here takes a second, in the emulated machine several. Otherwise the image as it is."""
    data = image.read_bytes()
    begin = (data[0x1F1] + 1) * 512
    offset, length = struct.unpack_from("<II", data, 0x248)
    with contextlib.suppress(lzma.LZMAError):
        return lzma.LZMADecompressor().decompress(data[begin + offset:begin + offset + length])
    return data


def _modules(unpacked: Path) -> list[Path]:
    """Those of MODULES and what they need, in the order in which they can be loaded."""
    version = next(unpacked.glob("lib/modules/*")).name
    _run("/sbin/depmod", "-b", unpacked, version)
    found = []
    for module in MODULES:
        listed = _run("/sbin/modprobe", "-S", version, "-d", unpacked, "--show-depends", module)
        found += [Path(line.split()[1]) for line in listed.splitlines() if line.startswith("insmod ")]
    return list(dict.fromkeys(found))


def _make_initramfs(file: Path, init: bytes, modules: list[Path], root: Path) -> None:
    for folder in ("bin", "modules"):
        (root / folder).mkdir(parents=True)
    shutil.copy("/bin/busybox", root / "bin")
    (root / "bin/sh").symlink_to("busybox")
    for number, module in enumerate(modules):
        shutil.copy(module, root / "modules" / f"{number:02}-{module.name}")
    (root / "init").write_bytes(init)
    (root / "init").chmod(0o755)
    names = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    packed = subprocess.run(["/bin/busybox", "cpio", "-o", "-H", "newc"], input=names.encode(), cwd=root,
                            capture_output=True, timeout=PATIENCE)
    if packed.returncode != 0:
        raise ProgramError(f"no initramfs could be packed: {packed.stderr.decode(errors='replace').strip()}")
    file.write_bytes(packed.stdout)
