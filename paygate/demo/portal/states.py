"""How the gateway's states are called in front of a citizen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from paygate.demo.portal.store import REFUSED, UNSENT


@dataclass(frozen=True, slots=True)
class ShownState:
    """A state as people see it: a word, and the tone of its tag."""

    label: str
    tone: str  # ok, info, warn or mute; the tag's icon follows it


STATES: Mapping[str, ShownState] = MappingProxyType(
    {
        UNSENT: ShownState("Chưa gửi đi", "warn"),
        REFUSED: ShownState("Không được nhận", "warn"),
        "open": ShownState("Chưa thanh toán", "mute"),
        "processing": ShownState("Đang xác nhận", "info"),
        "paid": ShownState("Đã thanh toán", "ok"),
        "exempt": ShownState("Miễn phí", "ok"),
        "expired": ShownState("Hết hạn", "mute"),
        "cancelled": ShownState("Hủy thanh toán", "mute"),
    }
)
# A state that the gateway learned after this was written: we neither pay nor file on its account.
OTHER = ShownState("Đang kiểm tra", "info")


def shown_state(state: str) -> ShownState:
    """Return how *state* is shown; for one that we do not know, that it is being looked into."""
    return STATES.get(state, OTHER)
