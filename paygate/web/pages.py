"""What the citizen's pages show: frozen values made from plain values, no database, no request.

Templates render these and nothing else. Sentences that depend on facts are made here; words that
never change stand in the templates. Both say them through `say`, which the catalogue knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from paygate.domain import codes
from paygate.domain.money import Money
from paygate.domain.order import FeeKind
from paygate.domain.payable import PayableType
from paygate.domain.words import words
from paygate.http.i18n import Language, Say, mark, moment, speaker

METHOD_ID = "method-first"  # where the error summary leads
DASH = " \N{EN DASH} "
BASIS_MAX = 120  # characters that the order's card has room for
SMALL_NAME_MAX = 26  # characters; longer ones are five lines high on a phone
SEARCHED_FROM = 12
FEES = frozenset({FeeKind.PHI, FeeKind.LE_PHI})


class Step(StrEnum):
    """Where the citizen is on the way from filing to done."""

    FILING = "filing"
    PAYING = "paying"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around every page."""

    language: Language
    title: str
    supplier: str | None  # the portal's display name, Vietnamese
    support_phone: str | None
    order_code: str | None = None  # as people see it
    step: Step | None = None

    @property
    def phone_href(self) -> str:
        """Return the address that dials the support."""
        return "tel:" + "".join(each for each in self.support_phone or "" if each in "+0123456789")


class Shows(StrEnum):
    """Which page fits an attempt now, for a script that shows one and waits for another."""

    QR = "qr"
    WAITING = "waiting"  # the rail's session is open
    OVER = "over"  # it ended without a word: the citizen may choose again
    ENDED = "ended"  # there is a result, whichever


@dataclass(frozen=True, slots=True)
class Live:
    """A page that a script keeps up to date: *url* answers which page fits."""

    url: str
    shows: Shows


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """What every page of one order needs to know of it."""

    language: Language
    supplier: str
    dossier_code: str
    fee_kinds: tuple[FeeKind, ...]
    line_names: tuple[str, ...] = ()  # as the portal named them
    amount: Money
    fee: Money
    order_code: str  # as it is stored: `PG...`
    expires_at: datetime
    support_phone: str
    portal_url: str | None
    payable_type: PayableType | None = None  # of a paper, whose code stands as `dossier_code`
    legal_basis: str | None = None  # of the fee, or of owing none

    @property
    def say(self) -> Say:
        """Return the voice of the page's language."""
        return speaker(self.language)

    @property
    def expires_text(self) -> str:
        """Return when the order ends, for a sentence."""
        return moment(self.language, self.expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to pay: the *value* that the form sends, and what the tile says."""

    value: str  # `{account}` or `{account}:{bank}`
    name: str
    letters: str  # logos are trademarks
    hint: str | None = None  # makes the tile a wide one

    @property
    def is_small(self) -> bool:
        """Return whether two tiles fit beside each other on a phone."""
        return self.hint is None and len(self.name) <= SMALL_NAME_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The tiles of the page, by the heading that they stand under."""

    banks: tuple[Choice, ...] = ()
    banks_by: str | None = None  # who opens the banks, where that is said once
    wallets: tuple[Choice, ...] = ()
    codes: tuple[Choice, ...] = ()
    platforms: tuple[Choice, ...] = ()
    resting: tuple[Choice, ...] = ()  # to be seen, not to be chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Ways to pay under one heading; those with a hint stand in wide tiles below."""

    id: str
    heading: str
    choices: tuple[Choice, ...]
    note: str | None = None

    @property
    def small(self) -> tuple[Choice, ...]:
        """Return the ways that need no more than their name."""
        return tuple(each for each in self.choices if each.is_small)

    @property
    def wide(self) -> tuple[Choice, ...]:
        """Return the ways that explain themselves."""
        return tuple(each for each in self.choices if not each.is_small)

    @property
    def is_long(self) -> bool:
        """Return whether a search helps to find one."""
        return len(self.choices) > SEARCHED_FROM


class Mistake(StrEnum):
    """Why a form came back."""

    NOTHING_CHOSEN = "nothing_chosen"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutPage:
    """Choose how to pay."""

    frame: Frame
    heading: str
    order_lead: str  # the dossier code follows
    dossier_code: str
    amount: str
    fee: str
    words: str | None
    legal_basis: str | None
    expires: str
    groups: tuple[Group, ...]
    resting: tuple[Choice, ...]  # to be seen, not to be chosen
    first: str  # the value of the first radio button
    chosen: str | None
    mistake: str | None
    warning: str | None  # an earlier attempt may still count
    caution: str | None  # every way keeps silent just now
    leads: str  # where the button leads
    action_url: str
    portal_url: str | None


def checkout_page(
    order: OrderView,
    offered: Ways,
    *,
    action_url: str,
    all_rest: bool = False,
    mistake: Mistake | None = None,
    chosen: str | None = None,
    unsettled: str | None = None,
) -> CheckoutPage:
    """Return the page on which the citizen chooses; nothing is chosen for them.

    *unsettled* names the rail of an earlier attempt of which nobody knows yet: the page warns.
    *all_rest*: every rail keeps silent just now; one may try all the same.
    *chosen* is what a form that comes back had; with no way left show `nothing_offered_page`.
    """
    say = order.say
    groups = _groups(say, offered)
    heading, lead = _named(say, order.fee_kinds, order.payable_type)
    basis = order.legal_basis or ""
    return CheckoutPage(
        frame=frame_of(order, heading, mistaken=mistake is not None),
        heading=heading,
        order_lead=lead,
        dossier_code=order.dossier_code,
        amount=str(order.amount),
        fee=str(order.fee),
        # Vietnamese words help nobody who reads the page in English.
        words=words(order.amount) if order.language is Language.VI else None,
        legal_basis=basis if 0 < len(basis) <= BASIS_MAX else None,
        expires=say("Giao dịch hết hạn lúc {moment}.").format(moment=order.expires_text),
        groups=groups,
        resting=offered.resting,
        first=groups[0].choices[0].value,
        chosen=chosen,
        mistake=say(_MISTAKES[mistake]) if mistake else None,
        warning=say(_UNSETTLED).format(via=unsettled) if unsettled else None,
        caution=say(_ALL_REST).format(moment=order.expires_text) if all_rest else None,
        leads=say(_SENDS_OR_SHOWS if offered.codes else _SENDS),
        action_url=action_url,
        portal_url=order.portal_url,
    )


def _groups(say: Say, offered: Ways) -> tuple[Group, ...]:
    by = say("Các ngân hàng này được mở qua {via}.").format(via=offered.banks_by)
    found = (
        Group(
            id="banks",
            heading=say("Chọn ngân hàng"),
            choices=offered.banks,
            note=by if offered.banks_by else None,
        ),
        Group(id="wallets", heading=say("Chọn ví điện tử"), choices=offered.wallets),
        Group(id="codes", heading=say("Quét mã QR"), choices=offered.codes),
        Group(id="platforms", heading=say("Cổng thanh toán khác"), choices=offered.platforms),
    )
    # Whoever pays by wallet or code need not pass forty banks first.
    return tuple(sorted((group for group in found if group.choices), key=lambda each: each.is_long))


def frame_of(
    order: OrderView, heading: str, *, step: Step = Step.PAYING, mistaken: bool = False
) -> Frame:
    """Return the frame of a page of *order*: its title names page, thing and service."""
    say = order.say
    thing = say(_THINGS[order.payable_type]).format(code=order.dossier_code)
    title = DASH.join((heading, thing, say("Cổng thanh toán")))
    return Frame(
        language=order.language,
        title=say("Lỗi: {title}").format(title=title) if mistaken else title,
        supplier=order.supplier,
        support_phone=order.support_phone,
        order_code=codes.spaced(order.order_code),
        step=step,
    )


def _named(say: Say, kinds: Sequence[FeeKind], payable_type: PayableType | None) -> tuple[str, str]:
    """Return the heading, and the sentence that the code of the dossier or paper ends."""
    if payable_type is None and set(kinds) <= FEES:
        heading, lead = _FEE_WORDS[frozenset(kinds)]
        return say(heading), say(lead)
    nouns = ", ".join(say(noun) for kind, noun in _NOUNS.items() if kind in kinds)
    return (
        say("Thanh toán {nouns}").format(nouns=nouns),
        say(_LEADS[payable_type]).format(nouns=nouns),
    )


_THINGS: Mapping[PayableType | None, str] = MappingProxyType(
    {
        None: mark("hồ sơ {code}"),
        PayableType.FINE_DECISION: mark("quyết định {code}"),
        PayableType.TAX_NOTICE: mark("thông báo {code}"),
        PayableType.COURT_NOTICE: mark("thông báo {code}"),
    }
)
_LEADS: Mapping[PayableType | None, str] = MappingProxyType(
    {
        None: mark("Thanh toán {nouns} cho hồ sơ"),
        PayableType.FINE_DECISION: mark("Thanh toán {nouns} theo quyết định số"),
        PayableType.TAX_NOTICE: mark("Thanh toán {nouns} theo thông báo số"),
        PayableType.COURT_NOTICE: mark("Thanh toán {nouns} theo thông báo số"),
    }
)
# What stands before the code in a table of facts.
CODE_LABELS: Mapping[PayableType | None, str] = MappingProxyType(
    {
        None: mark("Số hồ sơ"),
        PayableType.FINE_DECISION: mark("Số quyết định"),
        PayableType.TAX_NOTICE: mark("Số thông báo"),
        PayableType.COURT_NOTICE: mark("Số thông báo"),
    }
)


_NOUNS: Mapping[FeeKind, str] = MappingProxyType(
    {
        FeeKind.PHI: mark("phí"),
        FeeKind.LE_PHI: mark("lệ phí"),
        FeeKind.PHAT: mark("tiền phạt"),
        FeeKind.NGHIA_VU_TC: mark("nghĩa vụ tài chính"),
        FeeKind.AN_PHI: mark("án phí"),
        FeeKind.CUOC_BUU_CHINH: mark("cước bưu chính"),
        FeeKind.DICH_VU: mark("tiền dịch vụ"),
    }
)

# English has one word for both, so these are whole sentences of the catalogue.
_FEE_WORDS: Mapping[frozenset[FeeKind], tuple[str, str]] = MappingProxyType(
    {
        frozenset({FeeKind.PHI}): (
            mark("Thanh toán phí hồ sơ"),
            mark("Thanh toán phí cho hồ sơ"),
        ),
        frozenset({FeeKind.LE_PHI}): (
            mark("Thanh toán lệ phí hồ sơ"),
            mark("Thanh toán lệ phí cho hồ sơ"),
        ),
        FEES: (
            mark("Thanh toán phí, lệ phí hồ sơ"),
            mark("Thanh toán phí, lệ phí cho hồ sơ"),
        ),
    }
)

_MISTAKES: Mapping[Mistake, str] = MappingProxyType(
    {
        Mistake.NOTHING_CHOSEN: mark("Chọn một cách thanh toán"),
        Mistake.NOT_OFFERED: mark("Cách thanh toán này không dùng được nữa, hãy chọn cách khác"),
    }
)

_SENDS = mark(
    "Bạn sẽ được chuyển tới trang của đơn vị thanh toán. Cổng không hỏi và không lưu thông tin thẻ."
)
_SENDS_OR_SHOWS = mark(
    "Bạn sẽ được chuyển tới trang của đơn vị thanh toán, hoặc thấy mã để quét. Cổng không hỏi và "
    "không lưu thông tin thẻ."
)
_ALL_REST = mark(
    "Các đơn vị thanh toán đang trả lời chậm. Bạn có thể thử ngay, hoặc quay lại sau ít phút: đơn "
    "còn hạn đến {moment}."
)
_UNSETTLED = mark(
    "Lần thanh toán trước qua {via} chưa có kết quả. Nếu tiền đã bị trừ, vui lòng không thanh toán "
    "lại: hồ sơ tự được ghi nhận. Chỉ chọn tiếp khi bạn chắc chắn chưa trả tiền."
)
