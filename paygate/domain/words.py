"""Amounts in Vietnamese words, for receipts and for the checkout page (DOMAIN 4.7)."""

from __future__ import annotations

from dataclasses import dataclass

from paygate.domain.money import Money

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_THOUSAND, _MILLION, _BILLION = 10**3, 10**6, 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Words in which regions differ; all of them are right."""

    zero_tens: str = "linh"  # lẻ
    thousand: str = "nghìn"  # ngàn
    four: str = "tư"  # bốn; after mươi only


NORTH = Dialect()
SOUTH = Dialect(zero_tens="lẻ", thousand="ngàn")


def words(money: Money, *, ending: str = "đồng", dialect: Dialect = NORTH) -> str:
    """Return *money* in words, such as `Năm nghìn đồng`.

    Raises:
        ValueError: a negative amount, which no paper for citizens may show.
    """
    if money.dong < 0:
        raise ValueError("only amounts from zero have words")
    spoken = _number(money.dong, dialect) if money else _DIGITS[0]
    return f"{spoken[0].upper()}{spoken[1:]} {ending}"


def receipt_words(money: Money, *, dialect: Dialect = NORTH) -> str:
    """Return *money* as a receipt ends it: `Năm nghìn đồng chẵn./.`."""
    return words(money, ending="đồng chẵn./.", dialect=dialect)


def _number(number: int, dialect: Dialect) -> str:
    """Return a number above zero; the count of tỷ is itself a number."""
    billions, rest = divmod(number, _BILLION)
    spoken = [_number(billions, dialect), "tỷ"] if billions else []
    groups = (
        (rest // _MILLION, "triệu"),
        (rest // _THOUSAND % _THOUSAND, dialect.thousand),
        (rest % _THOUSAND, ""),
    )
    for group, unit in groups:
        if group:
            # Once a higher group was said, a group says its hundreds even if there are none.
            spoken += [*_group(group, dialect, hundreds=bool(spoken)), unit]
    return " ".join(word for word in spoken if word)


def _group(group: int, dialect: Dialect, *, hundreds: bool) -> list[str]:
    """Return the words of a number from 1 to 999."""
    hundred, ten, unit = group // 100, group // 10 % 10, group % 10
    spoken = [_DIGITS[hundred], "trăm"] if hundred or hundreds else []
    if ten == 0:
        if unit and spoken:
            spoken.append(dialect.zero_tens)
        return [*spoken, _DIGITS[unit]] if unit else spoken
    if ten == 1:
        spoken.append("mười")
        special = {5: "lăm"}
    else:
        spoken += [_DIGITS[ten], "mươi"]
        special = {1: "mốt", 4: dialect.four, 5: "lăm"}
    return [*spoken, special.get(unit, _DIGITS[unit])] if unit else spoken
