"""Who does something, when, and through which door: what every change writes down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from paygate.domain.ids import Ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act of somebody: the time is taken once, and every change of the act shares it.

    A verb may be run again after a conflict, so it draws *ids* only for rows of its transaction.
    """

    now: datetime
    actor: str  # `portal:…`, `provider:…`, `user:…`, `system:…`; never a person's name
    via: str  # route, command or job
    request_id: str
    ids: Ids
