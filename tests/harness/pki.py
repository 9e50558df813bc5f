"""Certificates of a test or example site: one authority, one server certificate for localhost.

The validity starts in 2025 and lasts a century, so that it covers played days as well as today.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import clock

VALID_FROM = "@2025-01-01 00:00:00"


@dataclass(frozen=True)
class Certificates:
    ca: Path
    certificate: Path
    key: Path


def _openssl(*arguments: str) -> None:
    environment = dict(os.environ, TZ="UTC", FAKETIME=VALID_FROM, **clock.preload())
    done = subprocess.run(["openssl", *arguments], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]} failed: {done.stderr.strip()}")


def make(folder: Path, names: tuple[str, ...] = ("DNS:localhost", "IP:127.0.0.1")) -> Certificates:
    """The certificates in `folder`; made when they are not there yet."""
    made = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    if made.ca.exists() and made.certificate.exists() and made.key.exists():
        return made
    folder.mkdir(parents=True, exist_ok=True)
    ca_key, request, extensions = folder / "ca.key", folder / "server.csr", folder / "server.ext"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc")
    _openssl("req", "-x509", *curve, "-keyout", str(ca_key), "-out", str(made.ca), "-days", "36500",
             "-subj", "/CN=Rollcall example authority",
             "-addext", "basicConstraints=critical,CA:TRUE",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    _openssl("req", *curve, "-keyout", str(made.key), "-out", str(request), "-subj", "/CN=localhost")
    extensions.write_text("basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n"
                          f"subjectAltName={','.join(names)}\n")
    _openssl("x509", "-req", "-in", str(request), "-CA", str(made.ca), "-CAkey", str(ca_key),
             "-CAcreateserial", "-days", "36500", "-extfile", str(extensions),
             "-out", str(made.certificate))
    for private in (ca_key, made.key):
        private.chmod(0o600)
    return made
