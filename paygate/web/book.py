"""What the citizen's pages read of one order, in one transaction, and which page fits it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit, urlunsplit

import sqlalchemy as sa

from paygate.domain.case import Disposition
from paygate.domain.ids import AttemptId, OrderId
from paygate.domain.money import ZERO, Money
from paygate.domain.order import OrderState
from paygate.domain.payment import LIVE, PaymentState
from paygate.house import Merchants
from paygate.http.i18n import Language
from paygate.services.offer_merchants import Offer, weigh_merchants, wish_of
from paygate.store import attempts, cases, collections, lines, orders, portals
from paygate.store.attempts import Attempt
from paygate.store.collections import Collection
from paygate.store.lines import FeeLine
from paygate.store.orders import FeeOrder
from paygate.store.portals import Portal
from paygate.web.pages import OrderView


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Everything about one order that its pages show or decide by."""

    order: FeeOrder
    portal: Portal
    lines: tuple[FeeLine, ...]
    attempts: tuple[Attempt, ...]
    collections: tuple[Collection, ...]
    differs: bool  # another amount came, and staff have not settled it
    offer: Offer

    @property
    def live(self) -> Attempt | None:
        """Return the attempt that may still become paid by itself, the newest."""
        return next((a for a in reversed(self.attempts) if a.payment_state in LIVE), None)

    @property
    def covering(self) -> Collection | None:
        """Return the money that paid the order."""
        return next((c for c in self.collections if c.id == self.order.covered_by), None)

    @property
    def more(self) -> tuple[Money, ...]:
        """Return what came beside the money that paid the order, and is not given back yet."""
        return tuple(c.amount for c in self._parked)

    @property
    def is_reversed(self) -> bool:
        """Return whether the rail has taken back the money that paid the order."""
        return self.covering is not None and self.covering.taken_back_at is not None

    @property
    def waiting(self) -> Collection | None:
        """Return money of another amount that waits for staff."""
        return next((c for c in self._parked if c.amount != self.order.amount), None)

    @property
    def _parked(self) -> tuple[Collection, ...]:
        """Return what came, does not pay the order, and is still with us."""
        return tuple(
            c
            for c in self.collections
            if c.disposition is Disposition.PARKED and c.taken_back_at is None
        )

    def attempt(self, attempt_id: AttemptId) -> Attempt:
        """Return the attempt of that id, which is one of this order's."""
        return next(each for each in self.attempts if each.id == attempt_id)

    def attempt_of(self, collection: Collection) -> Attempt | None:
        """Return the attempt that brought *collection*."""
        return next((a for a in self.attempts if a.id == collection.attempt_id), None)

    def is_over(self, now: datetime) -> bool:
        """Return whether the citizen can no longer begin to pay."""
        return self.order.state is OrderState.EXPIRED or self.order.expires_at <= now

    def nothing_taken_says(self, merchants: Merchants, language: Language) -> str | None:
        """Return the rail that was asked and said that every attempt failed, if that is so.

        Only then may a page say that nothing was taken (DOMAIN 15.2): a code that we do not know,
        a rail that cannot be asked and our own patience are nobody's word.
        """
        said_so = (PaymentState.FAILED, PaymentState.CANCELLED)
        if not self.attempts or self.collections:
            return None
        told = all(
            a.payment_state in said_so and a.rail_code is not None and a.asked_at is not None
            for a in self.attempts
        )
        return via(merchants, self.attempts[-1], language) if told else None


def read_book(
    tx: sa.Connection, merchants: Merchants, order_id: OrderId, *, now: datetime
) -> Book | None:
    """Return the book of the order as it was committed last."""
    order = orders.get(tx, order_id)
    portal = None if order is None else portals.get(tx, order.portal_id)
    if order is None or portal is None:
        return None
    differs = any(each.is_about_other_money for each in cases.of_order(tx, order.id))
    return Book(
        order=order,
        portal=portal,
        lines=lines.of_order(tx, order.id),
        attempts=attempts.of_order(tx, order.id),
        collections=collections.of_order(tx, order.id),
        differs=differs,
        offer=weigh_merchants(tx, merchants, wish_of(order), now=now),
    )


def view_of(book: Book, language: Language, support_phone: str) -> OrderView:
    """Return what every page of the order shows."""
    order = book.order
    return OrderView(
        language=language,
        supplier=book.portal.display_name,
        dossier_code=order.dossier_code,
        fee_kinds=tuple(dict.fromkeys(line.kind for line in book.lines)),
        line_names=tuple(line.name for line in book.lines),
        amount=order.amount,
        fee=ZERO,
        order_code=order.code,
        expires_at=order.expires_at,
        support_phone=support_phone,
        portal_url=portal_url(order),
        payable_type=order.payable_type,
        legal_basis=order.exemption_basis
        or "; ".join(dict.fromkeys(line.legal_basis for line in book.lines if line.legal_basis))
        or None,
    )


def portal_url(order: FeeOrder) -> str | None:
    """Return where the portal wants its citizen back, with a hint that it must not believe."""
    if order.return_url is None:
        return None
    parts = urlsplit(order.return_url)
    hint = urlencode({"order_id": order.id, "code": order.code, "state": order.state.value})
    query = f"{parts.query}&{hint}" if parts.query else hint
    return urlunsplit(parts._replace(query=query))


def via(merchants: Merchants, attempt: Attempt, language: Language) -> str:
    """Return what the citizen calls the account that an attempt was made at."""
    merchant = merchants.get(attempt.account)
    if merchant is None:
        return attempt.account
    account = merchant.account
    return account.label_vi if language is Language.VI else account.label_en
