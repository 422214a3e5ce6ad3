"""The ways to pay that the checkout page offers, as tiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from paygate.house import Merchant
from paygate.http.i18n import Language, speaker
from paygate.web.pages import Choice
from providers.contract import RailKind


def ways(
    merchants: Iterable[Merchant], language: Language
) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """Return the ways to pay at *merchants*, as banks and as wallets.

    A rail that lets the citizen choose a bank beforehand has one tile for each, and one for all
    that it knows besides, which is last and leaves the choice to the rail (DOMAIN 15.1).
    """
    wallets: list[Choice] = []
    banks: list[Choice] = []
    others: list[Choice] = []
    for merchant in merchants:
        info, name = merchant.provider.info, _label(merchant, language)
        tile = Choice(value=merchant.code, name=name, letters=info.letters)
        if info.kind is RailKind.WALLET:
            wallets.append(tile)
        elif merchant.provider.capabilities.bank_choices:
            say = speaker(language)
            hint = say("qua {via}").format(via=name)
            banks.extend(_chosen_before(merchant, language, hint))
            others.append(replace(tile, name=say("Các ngân hàng khác"), hint=hint))
        else:
            banks.append(tile)
    return (*banks, *others), tuple(wallets)


def _chosen_before(merchant: Merchant, language: Language, hint: str) -> Iterator[Choice]:
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
