// Every message of the link, declared once each in messages/. HELLO is not here: it is frozen and
// lives in hello.hpp.
#pragma once

#include "protocol/messages/bulk.hpp"
#include "protocol/messages/enrolment.hpp"
#include "protocol/messages/from_host.hpp"
#include "protocol/messages/from_terminal.hpp"

namespace rollcall::protocol {

// Every message type, for code that must treat all of them: documentation, fuzzing, golden files.
template <template <class...> class Of>
using AllMessages =
    Of<TerminalState, Tap, QueuedTap, GaveUp, Touch, Key, Card, ApduResponse, ApduWait, TimeRequest,
       Stats, Tamper, UpdateState, Reply, EnrolKey, EnrolDone, Welcome, Answer, TapAck, ResendTaps,
       OpenEpoch, Screen, ScreenShow, Feedback, TimeReply, CardWatch, ApduRequest, Identify,
       StatsRequest, LogRequest, UpdateOffer, Configure, RotateKey, Reboot, EnrolCommit, EnrolOpen,
       EnrolGrant, Grant, BulkOffer, BulkAccept, BulkEnd, EnrolEnd>;

}  // namespace rollcall::protocol
