"""Open the sealed bytes of a rail's message for a person, and write down who looked."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.store import audit, evidence
from paygate.store.evidence import Message


def reveal_message(tx: sa.Connection, act: Act, vault: Vault, message_id: str) -> Message | None:
    """Return the message as it came, None where there is none; whoever looks is audited.

    Raises:
        SealError: it was erased, does not open, or is not what was hashed when it came.
    """
    kept = evidence.lock(tx, message_id)
    if kept is None:
        return None
    message = evidence.reopen(tx, vault, kept)
    audit.note(
        tx,
        act,
        stream=f"message:{kept.id}",
        action="message.revealed",
        subject=f"message:{kept.id}",
        facts={"account": kept.account, "sha256": kept.sha256},
    )
    return message
