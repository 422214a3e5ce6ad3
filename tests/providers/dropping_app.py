"""A sandbox whose only emulator hangs up, for a server that is started from outside."""

from __future__ import annotations

from collections.abc import Mapping

from paygate.domain.clock import SystemClock
from paygate.sandbox import Messenger, create_sandbox
from providers.contract import Arrival, HttpCall, HttpReply, SilentError, Visit


class HangsUp:
    """Answers `/here`, and hangs up on everything else."""

    def visit(self, arrival: Arrival) -> Visit:
        return Visit(HttpReply(200, {}, b"here") if arrival.path == "/here" else None)

    def control(self, wishes: Mapping[str, str]) -> None:
        raise ValueError(f"cannot {wishes}")

    def acknowledged(self, reply: HttpReply) -> bool:
        return reply.status == 200


def nobody(call: HttpCall) -> HttpReply:
    raise SilentError(call.url)


app = create_sandbox({"a": HangsUp()}, Messenger(nobody), clock=SystemClock())
