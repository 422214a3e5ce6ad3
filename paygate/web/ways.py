"""The ways to pay that the checkout page offers, as tiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from paygate.house import Merchant
from paygate.http.i18n import Language, speaker
from paygate.web.pages import Choice, Ways
from providers.contract import RailKind

TALKATIVE_MAX = 6  # choices of one rail; of more, its name is said once above them all


def ways(
    merchants: Iterable[Merchant], language: Language, *, resting: Iterable[Merchant] = ()
) -> Ways:
    """Return the ways to pay at *merchants*.

    A rail that lets the citizen choose a bank beforehand has one tile for each, and one for all
    that it knows besides, which is last and leaves the choice to the rail (DOMAIN 15.1).
    """
    offered, say = tuple(merchants), speaker(language)
    leading = tuple(each for each in offered if each.provider.capabilities.bank_choices)
    said_once = (
        len(leading) == 1 and len(leading[0].provider.capabilities.bank_choices) > TALKATIVE_MAX
    )
    tiles: dict[RailKind, list[Choice]] = {kind: [] for kind in RailKind}
    others: list[Choice] = []
    for merchant in offered:
        kind, tile = merchant.provider.info.kind, _tile(merchant, language)
        if kind is RailKind.QR:
            tiles[kind].append(replace(tile, hint=say("Quét mã bằng ứng dụng ngân hàng")))
        elif merchant in leading:
            hint = say("qua {via}").format(via=tile.name)
            tiles[RailKind.BANK].extend(
                _chosen_before(merchant, language, None if said_once else hint)
            )
            others.append(replace(tile, name=say("Các ngân hàng khác"), hint=hint))
        else:
            tiles[RailKind.BANK if kind is RailKind.AGGREGATOR else kind].append(tile)
    return Ways(
        banks=(*tiles[RailKind.BANK], *others),
        banks_by=_label(leading[0], language) if said_once else None,
        wallets=tuple(tiles[RailKind.WALLET]),
        codes=tuple(tiles[RailKind.QR]),
        platforms=tuple(tiles[RailKind.PLATFORM]),
        resting=tuple(
            replace(
                _tile(each, language),
                hint=say("Đang không trả lời; thử lại sau ít phút"),
            )
            for each in resting
        ),
    )


def _tile(merchant: Merchant, language: Language) -> Choice:
    letters = merchant.provider.info.letters
    return Choice(value=merchant.code, name=_label(merchant, language), letters=letters)


def _chosen_before(merchant: Merchant, language: Language, hint: str | None) -> Iterator[Choice]:
    for bank in merchant.provider.capabilities.bank_choices:
        yield Choice(
            value=f"{merchant.code}:{bank.code}",
            name=bank.name_vi if language is Language.VI else bank.name_en,
            letters=bank.letters,
            hint=hint,
        )


def _label(merchant: Merchant, language: Language) -> str:
    account = merchant.account
    return account.label_vi if language is Language.VI else account.label_en
