"""Words that stand in databases and in portals' programs: one may be added, none may change."""

from __future__ import annotations

import pytest

from paygate.domain.calendar import DayKind
from paygate.domain.case import CaseState, Disposition
from paygate.domain.codes import CodePrefix
from paygate.domain.fee_rule import Channel, RefundPolicy
from paygate.domain.order import FeeKind, LateMoney, OrderState, Purpose
from paygate.domain.payable import PayableType
from paygate.domain.payment import BankState, PaymentState, SettlementState


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (OrderState, "open processing paid expired cancelled exempt"),
        (Purpose, "fee advance final supplement retry"),
        (FeeKind, "phi le_phi phat nghia_vu_tc an_phi cuoc_buu_chinh dich_vu"),
        (LateMoney, "accept refund"),
        (
            PaymentState,
            "created redirected pending unknown paid failed cancelled expired reversed",
        ),
        (SettlementState, "none matched differs"),
        (BankState, "none credited"),
        (Disposition, "fits parked identified returned"),
        (CaseState, "open resolved"),
        (DayKind, "OFF WORKING MAKE_UP"),
        (Channel, "online offline"),
        (RefundPolicy, "full none unprocessed_only by_reason"),
        (PayableType, "fine_decision tax_notice court_notice"),
        (CodePrefix, "PG RF VV"),
    ],
)
def test_the_words_are_those_of_the_contract(kind, words):
    assert set(kind) == set(words.split())
