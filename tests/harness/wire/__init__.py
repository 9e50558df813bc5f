"""Both ends of the link, written a second time from docs/protocol.md, for tests. See README.md."""

from . import bulk
from .cbor import decode, encode
from .end import Closed, Heard, LinkEnd
from .enrolment import EnrolmentEnded, Grant
from .frames import Frame, FrameType, cobs, frame, parse, uncobs
from .host import HostInBackground, Listener, WireHost, serve
from .messages import BulkKind, BulkResult, Capability, EnrolEndReason, Op, Outcome, ReplyStatus
from .noise import BadTag, Handshake
from .terminal import EnrollingTerminal, WireTerminal

__all__ = [
    "BadTag", "BulkKind", "BulkResult", "Capability", "Closed", "EnrolEndReason", "EnrolmentEnded", "EnrollingTerminal",
    "Frame", "FrameType", "Grant", "Handshake", "Heard", "HostInBackground", "LinkEnd", "Listener", "Op", "Outcome",
    "ReplyStatus", "WireHost", "WireTerminal", "bulk", "cobs", "decode", "encode", "frame", "parse", "serve", "uncobs",
]
