"""The guest's kernel: Debian's own, fetched and unpacked into build/guest and never installed, since an installed
kernel is one that this machine may boot next. Done once for each version that apt offers.
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
MODULES = ("virtio_pci", "virtio_net", "9p", "9pnet_virtio", "overlay", "xhci-pci")
PATIENCE = 300  # seconds for a download of 70 MB


def fetched() -> Path:
    """The folder with `vmlinux` and `initramfs`."""
    folder = KEPT / "kernel"
    package = _newest()
    init = (Path(__file__).parent / "init").read_bytes()
    made_of = package.encode() + b"\n" + init
    mark = folder / "made-of"
    if mark.exists() and mark.read_bytes() == made_of:
        return folder
    shutil.rmtree(KEPT, ignore_errors=True)
    work = KEPT / "work"
    work.mkdir(parents=True)
    unpacked = _unpacked(package, work)
    folder.mkdir()
    (folder / "vmlinux").write_bytes(_uncompressed(next(unpacked.glob("boot/vmlinuz-*"))))
    _make_initramfs(folder / "initramfs", init, _modules(unpacked), work / "initramfs")
    mark.write_bytes(made_of)
    shutil.rmtree(work)
    return folder


def _run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=PATIENCE,
                          env=dict(os.environ, LC_ALL="C"))
    if done.returncode != 0:
        raise ProgramError(f"{' '.join(map(str, command))} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def _newest() -> str:
    """The package that PACKAGE stands for now, such as linux-image-6.1.0-56-amd64."""
    found = re.search(r"Depends: (linux-image-\S+)", _run("apt-cache", "depends", PACKAGE))
    if not found:
        raise ProgramError(f"apt knows no package {PACKAGE}; the guest's kernel comes from Debian 12")
    return found.group(1)


def _unpacked(package: str, work: Path) -> Path:
    apt = ("apt-get", "-o", "Acquire::Retries=3", "-o", "Acquire::http::Timeout=60", "-o", "APT::Sandbox::User=root")
    try:
        _run(*apt, "download", package, cwd=work)
    except ProgramError:
        # The lists may be older than what the server holds; they are the administrator's, so others are read here.
        lists = ("-o", f"Dir::State::Lists={_folder(work / 'lists')}", "-o", f"Dir::Cache={_folder(work / 'cache')}")
        _run(*apt, *lists, "update")
        _run(*apt, *lists, "download", package, cwd=work)
    _run("dpkg-deb", "--extract", next(work.glob("*.deb")), work / "unpacked")
    return work / "unpacked"


def _folder(path: Path) -> Path:
    (path / "partial").mkdir(parents=True)
    return path


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
