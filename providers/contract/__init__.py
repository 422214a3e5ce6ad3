"""What paygate asks of a rail, and the values that pass between them (DESIGN 4).

An adapter is pure: no socket, no row, no clock, no randomness. Times, ids and references come
in the values, so the same arguments give the same bytes for ever. A capability that a rail
lacks is absent data, never a method that raises: the optional methods have protocols of their own.
"""

from __future__ import annotations

from providers.contract.payment import (
    AttemptFacts,
    Checkout,
    Redirect,
    Report,
    Said,
    ShowQr,
)
from providers.contract.provider import (
    AnswersQueries,
    Bank,
    Capabilities,
    Provider,
    ProviderInfo,
    RailKind,
    Refunds,
    Setting,
    Values,
)
from providers.contract.refunds import (
    RefundFacts,
    RefundOrder,
    RefundReport,
    RefundSaid,
)
from providers.contract.rehearsal import (
    Fields,
    Rail,
    Rehearsal,
    RehearsesRefunds,
    Sample,
    WireNames,
)
from providers.contract.sandbox import (
    Emulator,
    EmulatorPlace,
    Errand,
    Visit,
)
from providers.contract.wire import (
    Arrival,
    Ask,
    BadSignatureError,
    HttpCall,
    HttpReply,
    NotSentError,
    Send,
    SilentError,
    StartRefusedError,
    UnreadableError,
)

__all__ = [
    "AnswersQueries",
    "Arrival",
    "Ask",
    "AttemptFacts",
    "BadSignatureError",
    "Bank",
    "Capabilities",
    "Checkout",
    "Emulator",
    "EmulatorPlace",
    "Errand",
    "Fields",
    "HttpCall",
    "HttpReply",
    "NotSentError",
    "Provider",
    "ProviderInfo",
    "Rail",
    "RailKind",
    "Redirect",
    "RefundFacts",
    "RefundOrder",
    "RefundReport",
    "RefundSaid",
    "Refunds",
    "Rehearsal",
    "RehearsesRefunds",
    "Report",
    "Said",
    "Sample",
    "Send",
    "Setting",
    "ShowQr",
    "SilentError",
    "StartRefusedError",
    "UnreadableError",
    "Values",
    "Visit",
    "WireNames",
]
