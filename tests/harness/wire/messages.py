"""Ops and values of the messages (docs/protocol.md, "Messages"), as far as tests name them."""

from enum import IntEnum, IntFlag


class Op(IntEnum):
    TERMINAL_STATE = 1
    TAP = 2
    QUEUED_TAP = 3
    GAVE_UP = 4
    TOUCH = 5
    KEY = 6
    CARD = 7
    APDU_RESPONSE = 8
    APDU_WAIT = 9
    TIME_REQUEST = 10
    STATS = 11
    TAMPER = 12
    UPDATE_STATE = 13
    REPLY = 14
    ENROL_KEY = 15
    ENROL_DONE = 16
    WELCOME = 32
    ANSWER = 33
    TAP_ACK = 34
    RESEND_TAPS = 35
    OPEN_EPOCH = 36
    SCREEN = 37
    SCREEN_SHOW = 38
    FEEDBACK = 39
    TIME_REPLY = 40
    CARD_WATCH = 41
    APDU_REQUEST = 42
    IDENTIFY = 43
    STATS_REQUEST = 44
    LOG_REQUEST = 45
    UPDATE_OFFER = 46
    CONFIGURE = 47
    ROTATE_KEY = 48
    REBOOT = 49
    ENROL_COMMIT = 50
    ENROL_OPEN = 51
    ENROL_GRANT = 52
    GRANT = 53
    BULK_OFFER = 64
    BULK_ACCEPT = 65
    BULK_END = 66
    ENROL_END = 67


class Capability(IntFlag):
    DISPLAY = 1
    TOUCH = 2
    INDICATOR = 4
    QUEUE = 8
    ENROLLING = 16
    APDU = 32
    UPDATE = 64


class Outcome(IntEnum):
    ARRIVED = 1
    LEFT = 2
    RECORDED = 3
    REPEAT = 4
    SEE_STAFF = 5
    NOT_RECORDED = 6


class ReplyStatus(IntEnum):
    DONE = 0
    UNSUPPORTED = 1
    FAILED = 2
    REFUSED = 3


class BulkKind(IntEnum):
    SCREEN = 1
    FIRMWARE = 2
    QUEUE = 3
    LOG = 4


class BulkResult(IntEnum):
    COMPLETE = 0
    CANCELLED = 1
    DIGEST = 2
    STORAGE = 3
    REFUSED = 4
    STALLED = 5


class EnrolEndReason(IntEnum):
    CANCELLED = 0
    NOT_EXPECTED = 1
    DIFFERENT = 2
    BROKEN_PROMISE = 3
    NO_ENTROPY = 4
    EXPIRED = 5
    PROTOCOL = 6
    STORAGE = 7


def answer_without_device(message: list) -> list | None:
    """What a terminal without screens, cards and a second slot answers to a message of the host, if it must."""
    unsupported = {Op.LOG_REQUEST}
    done = {Op.CONFIGURE, Op.ROTATE_KEY, Op.IDENTIFY, Op.REBOOT}
    op, *fields = message
    if op in done | unsupported:
        return [Op.REPLY, op, ReplyStatus.DONE if op in done else ReplyStatus.UNSUPPORTED]
    if op == Op.STATS_REQUEST:
        return [Op.STATS, *[0] * 12]
    if op == Op.UPDATE_OFFER:
        return [Op.UPDATE_STATE, 3, 1, 0]
    if op == Op.APDU_REQUEST:
        return [Op.APDU_RESPONSE, fields[0], 4, b""]
    return None
