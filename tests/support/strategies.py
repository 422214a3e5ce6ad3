"""What Hypothesis draws: values of the business, well formed, and near their borders."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from paygate.domain.banks import BANKS
from paygate.domain.codes import ALPHABET, PAYLOAD_LENGTH
from paygate.domain.money import DONG_MAX, Money
from paygate.domain.party import Party, RefundAccount

DIGITS = "0123456789"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SYLLABLES = ("Nguyễn", "Trần", "Đặng", "Thị", "Văn", "Đình", "Diễn", "Điển", "Ý", "Huỳnh", "K'Brôi")

amounts = st.integers(0, DONG_MAX).map(Money)
instants = st.datetimes(datetime(2018, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone
payloads = st.text(ALPHABET, min_size=PAYLOAD_LENGTH, max_size=PAYLOAD_LENGTH)
reception_days = st.dates(date(2018, 1, 1), date(2026, 12, 31))


def digits(length: int) -> st.SearchStrategy[str]:
    """Draw exactly *length* ASCII digits."""
    return st.text(DIGITS, min_size=length, max_size=length)


@st.composite
def dossier_codes(draw: st.DrawFn) -> str:
    """Draw a dossier code of either grammar, received before 2027."""
    level_one = draw(st.sampled_from(CAPITALS)) + draw(digits(2))
    if draw(st.booleans()):
        agency = f"{draw(digits(3))}.{draw(digits(2))}.{draw(digits(2))}.{level_one}"
    else:
        group = st.text(CAPITALS + DIGITS, min_size=2, max_size=3)
        agency = ".".join([level_one, *draw(st.lists(group, max_size=4))])
    sequence = draw(st.integers(4, 6).flatmap(digits))
    return f"{agency}-{draw(reception_days):%y%m%d}-{sequence}"


@st.composite
def names(draw: st.DrawFn) -> str:
    """Draw a Vietnamese name as people type it: either normal form, any case, wild spaces."""
    words = draw(st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=5))
    text = "".join(word + draw(st.sampled_from((" ", "  ", "\u00a0"))) for word in words)
    text = draw(st.sampled_from((str.upper, str.lower, str.title)))(text)
    return unicodedata.normalize(draw(st.sampled_from(("NFC", "NFD"))), text)


@st.composite
def parties(draw: st.DrawFn) -> Party:
    """Draw a payer or applicant, with any of the optional facts."""
    return Party(
        name=draw(names()),
        id_number=draw(st.none() | digits(12) | digits(9)),
        phone=draw(st.none() | digits(9).map(lambda rest: "0" + rest)),
        email=draw(st.none() | st.just("an.nguyen@example.vn")),
        address=draw(st.none() | st.just("Số 1, đường Lê Lợi, Hải Dương")),
    )


@st.composite
def refund_accounts(draw: st.DrawFn) -> RefundAccount:
    """Draw an account at any bank that has a BIN."""
    return RefundAccount(
        bank_bin=draw(st.sampled_from(sorted(BANKS))),
        account_number=draw(st.text(DIGITS + CAPITALS, min_size=6, max_size=19)),
        account_holder=draw(names()),
    )
