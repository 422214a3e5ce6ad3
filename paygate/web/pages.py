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
from paygate.domain.words import words
from paygate.http.i18n import Language, Say, mark, moment, speaker

METHOD_ID = "method-first"  # where the error summary leads
DASH = " \N{EN DASH} "
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Ways to pay under one heading; those with a hint stand in wide tiles below."""

    id: str
    heading: str
    choices: tuple[Choice, ...]

    @property
    def small(self) -> tuple[Choice, ...]:
        """Return the ways that need no more than their name."""
        return tuple(each for each in self.choices if each.hint is None)

    @property
    def wide(self) -> tuple[Choice, ...]:
        """Return the ways that explain themselves."""
        return tuple(each for each in self.choices if each.hint is not None)


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
    expires: str
    groups: tuple[Group, ...]
    first: str  # the value of the first radio button
    chosen: str | None
    mistake: str | None
    warning: str | None  # an earlier attempt may still count
    action_url: str
    portal_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """What happened, what to do, whom to call."""

    frame: Frame
    heading: str
    happened: str
    advice: str
    request_id: str


def checkout_page(
    order: OrderView,
    *,
    banks: Sequence[Choice],
    wallets: Sequence[Choice],
    action_url: str,
    mistake: Mistake | None = None,
    chosen: str | None = None,
    unsettled: str | None = None,
) -> CheckoutPage:
    """Return the page on which the citizen chooses; nothing is chosen for them.

    *unsettled* names the rail of an earlier attempt of which nobody knows yet: the page warns.
    *chosen* is what a form that comes back had; with no way left show `nothing_offered_page`.
    """
    say = order.say
    groups = tuple(
        Group(id=name, heading=heading, choices=tuple(choices))
        for name, heading, choices in (
            ("banks", say("Chọn ngân hàng"), banks),
            ("wallets", say("Chọn ví điện tử"), wallets),
        )
        if choices
    )
    heading, lead = _named(say, order.fee_kinds)
    return CheckoutPage(
        frame=frame_of(order, heading, mistaken=mistake is not None),
        heading=heading,
        order_lead=lead,
        dossier_code=order.dossier_code,
        amount=str(order.amount),
        fee=str(order.fee),
        # Vietnamese words help nobody who reads the page in English.
        words=words(order.amount) if order.language is Language.VI else None,
        expires=say("Giao dịch hết hạn lúc {moment}.").format(moment=order.expires_text),
        groups=groups,
        first=[*banks, *wallets][0].value,
        chosen=chosen,
        mistake=say(_MISTAKES[mistake]) if mistake else None,
        warning=say(_UNSETTLED).format(via=unsettled) if unsettled else None,
        action_url=action_url,
        portal_url=order.portal_url,
    )


def error_page(
    *,
    language: Language,
    status: int,
    request_id: str,
    support_phone: str | None,
    supplier: str | None = None,
) -> ErrorPage:
    """Return the page of an HTTP *status*; one that has no page of its own reads as 400 or 500."""
    say = speaker(language)
    rest = _BROKEN if status >= _BROKEN else _REFUSED
    heading, happened, advice = (say(each) for each in _ERRORS.get(status, _ERRORS[rest]))
    return ErrorPage(
        frame=Frame(
            language=language,
            title=DASH.join((heading, say("Cổng thanh toán"))),
            supplier=supplier,
            support_phone=support_phone,
        ),
        heading=heading,
        happened=happened,
        advice=advice,
        request_id=request_id,
    )


def frame_of(
    order: OrderView, heading: str, *, step: Step = Step.PAYING, mistaken: bool = False
) -> Frame:
    """Return the frame of a page of *order*: its title names page, thing and service."""
    say = order.say
    thing = say("hồ sơ {code}").format(code=order.dossier_code)
    title = DASH.join((heading, thing, say("Cổng thanh toán")))
    return Frame(
        language=order.language,
        title=say("Lỗi: {title}").format(title=title) if mistaken else title,
        supplier=order.supplier,
        support_phone=order.support_phone,
        order_code=codes.spaced(order.order_code),
        step=step,
    )


def _named(say: Say, kinds: Sequence[FeeKind]) -> tuple[str, str]:
    """Return the heading, and the sentence that the dossier code ends."""
    if set(kinds) <= FEES:
        heading, lead = _FEE_WORDS[frozenset(kinds)]
        return say(heading), say(lead)
    nouns = ", ".join(say(noun) for kind, noun in _NOUNS.items() if kind in kinds)
    return (
        say("Thanh toán {nouns}").format(nouns=nouns),
        say("Thanh toán {nouns} cho hồ sơ").format(nouns=nouns),
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
        Mistake.NOTHING_CHOSEN: mark("Chọn một ngân hàng hoặc ví điện tử"),
        Mistake.NOT_OFFERED: mark("Cách thanh toán này không dùng được nữa, hãy chọn cách khác"),
    }
)

_UNSETTLED = mark(
    "Lần thanh toán trước qua {via} chưa có kết quả. Nếu tiền đã bị trừ, vui lòng không thanh toán "
    "lại: hồ sơ tự được ghi nhận. Chỉ chọn tiếp khi bạn chắc chắn chưa trả tiền."
)

_REFUSED, _BROKEN = 400, 500
_ERRORS: Mapping[int, tuple[str, str, str]] = MappingProxyType(
    {
        400: (
            mark("Yêu cầu chưa đúng"),
            mark("Cổng thanh toán không đọc được những gì trình duyệt gửi lên."),
            mark("Hãy quay lại trang trước và làm lại từ đầu."),
        ),
        403: (
            mark("Yêu cầu bị từ chối"),
            mark("Trang này không nhận yêu cầu gửi từ trang khác."),
            mark("Hãy mở lại đường dẫn thanh toán từ Cổng Dịch vụ công và thử lại."),
        ),
        404: (
            mark("Không tìm thấy trang này"),
            mark("Đường dẫn có thể bị thiếu ký tự hoặc không còn dùng được."),
            mark("Hãy mở hồ sơ trên Cổng Dịch vụ công và bấm thanh toán từ đó."),
        ),
        405: (
            mark("Trang này không mở được theo cách đó"),
            mark("Địa chỉ đúng, nhưng không nhận kiểu yêu cầu mà trình duyệt vừa gửi."),
            mark("Hãy mở hồ sơ trên Cổng Dịch vụ công và bấm thanh toán từ đó."),
        ),
        413: (
            mark("Dữ liệu gửi lên quá lớn"),
            mark("Cổng thanh toán chỉ nhận lựa chọn cách thanh toán ở trang này."),
            mark("Hãy quay lại trang trước và làm lại từ đầu."),
        ),
        429: (
            mark("Bạn thao tác quá nhanh"),
            mark("Cổng thanh toán nhận quá nhiều yêu cầu từ kết nối của bạn."),
            mark("Hãy đợi một phút rồi thử lại."),
        ),
        500: (
            mark("Cổng thanh toán đang gặp trục trặc"),
            mark("Đây là trục trặc của chúng tôi, không phải do bạn."),
            mark(
                "Nếu bạn vừa thanh toán, vui lòng không thanh toán lại: "
                "khoản tiền đã trả không bị mất. Hãy mở lại trang này sau vài phút."
            ),
        ),
    }
)
