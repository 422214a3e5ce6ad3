"""The services that the demo offers: names, codes and fees are invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from paygate.domain.money import Money, total
from paygate.domain.order import FeeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """One line of what a service costs."""

    kind: FeeKind
    code: str
    name: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A service that a citizen can ask for, and what it costs."""

    slug: str
    code: str
    name: str
    fees: tuple[Fee, ...]
    first_code: str | None = None  # a dossier code that the first dossier of this service takes

    @property
    def amount(self) -> Money:
        return total(tuple(fee.amount for fee in self.fees))

    @property
    def fee_words(self) -> str:
        """Return how people call the sum: phí, lệ phí, or both."""
        kinds = {fee.kind for fee in self.fees}
        words = ((FeeKind.PHI, "phí"), (FeeKind.LE_PHI, "lệ phí"))
        return ", ".join(word for kind, word in words if kind in kinds)


_CIVIL_STATUS = Procedure(
    slug="ho-tich",
    code="9.000001",
    name="Cấp bản sao trích lục hộ tịch",
    fees=(Fee(kind=FeeKind.LE_PHI, code="LP01", name="Lệ phí hộ tịch", amount=Money(5_000)),),
    # The training deck's order, so that the demo can be held beside the slides.
    first_code="000.30.27.H23-220928-0001",
)
_LAND = Procedure(
    slug="dat-dai",
    code="9.000002",
    name="Đăng ký biến động đất đai",
    fees=(
        Fee(kind=FeeKind.PHI, code="P01", name="Phí thẩm định hồ sơ", amount=Money(120_000)),
        Fee(kind=FeeKind.LE_PHI, code="LP02", name="Lệ phí địa chính", amount=Money(30_000)),
    ),
)

PROCEDURES: Mapping[str, Procedure] = MappingProxyType(
    {procedure.slug: procedure for procedure in (_CIVIL_STATUS, _LAND)}
)
