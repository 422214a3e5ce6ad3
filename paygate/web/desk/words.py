"""What the desk calls states, kinds and roles; each state with the tone of its tag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from paygate.domain.case import CaseKind, CaseState, Disposition
from paygate.domain.order import OrderState, Purpose
from paygate.domain.payment import BankState, PaymentState, SettlementState
from paygate.domain.staff import GrantState, Role, StaffState
from paygate.http.i18n import Say, mark


@dataclass(frozen=True, slots=True)
class Tag:
    """A word with a tone: colour and icon follow from it, and never stand alone."""

    text: str
    tone: str = "mute"


_OK, _WAIT, _BAD, _INFO = "ok", "warn", "bad", "info"
_STATES: Mapping[StrEnum, tuple[str, str]] = MappingProxyType(
    {
        OrderState.OPEN: (mark("Chưa thanh toán"), _INFO),
        OrderState.PROCESSING: (mark("Đang xác nhận"), _WAIT),
        OrderState.PAID: (mark("Đã thanh toán"), _OK),
        OrderState.EXPIRED: (mark("Hết hạn"), ""),
        OrderState.CANCELLED: (mark("Hủy thanh toán"), ""),
        OrderState.EXEMPT: (mark("Miễn phí"), ""),
    }
)
_PAYMENTS: Mapping[StrEnum, tuple[str, str]] = MappingProxyType(
    {
        PaymentState.CREATED: (mark("Mới tạo"), _WAIT),
        PaymentState.REDIRECTED: (mark("Đã chuyển sang đối tác"), _WAIT),
        PaymentState.PENDING: (mark("Đối tác đang xử lý"), _WAIT),
        PaymentState.UNKNOWN: (mark("Chưa rõ kết quả"), _WAIT),
        PaymentState.PAID: (mark("Đã thanh toán"), _OK),
        PaymentState.FAILED: (mark("Không thành công"), _BAD),
        PaymentState.CANCELLED: (mark("Đã hủy"), ""),
        PaymentState.EXPIRED: (mark("Hết hạn"), ""),
        PaymentState.REVERSED: (mark("Đối tác đã thu hồi"), _BAD),
    }
)
_SETTLEMENTS: Mapping[StrEnum, tuple[str, str]] = MappingProxyType(
    {
        SettlementState.NONE: (mark("Chưa có trong file"), ""),
        SettlementState.MATCHED: (mark("Khớp"), _OK),
        SettlementState.DIFFERS: (mark("Lệch"), _BAD),
    }
)
_BANKS: Mapping[StrEnum, tuple[str, str]] = MappingProxyType(
    {
        BankState.NONE: (mark("Chưa thấy tiền về"), ""),
        BankState.CREDITED: (mark("Đã báo có"), _OK),
    }
)
_CASES: Mapping[StrEnum, tuple[str, str]] = MappingProxyType(
    {
        CaseState.OPEN: (mark("Chờ xử lý"), _WAIT),
        CaseState.RESOLVED: (mark("Đã xử lý"), _OK),
    }
)
_DISPOSITIONS: Mapping[StrEnum, tuple[str, str]] = MappingProxyType(
    {
        Disposition.FITS: (mark("Khớp đơn hàng"), _OK),
        Disposition.PARKED: (mark("Treo ở tài khoản chờ"), _WAIT),
        Disposition.IDENTIFIED: (mark("Đã xác định"), _OK),
        Disposition.RETURNED: (mark("Đã trả lại"), ""),
    }
)
_STAFF: Mapping[StrEnum, tuple[str, str]] = MappingProxyType(
    {
        StaffState.INVITED: (mark("Chưa đặt mật khẩu"), _WAIT),
        StaffState.ACTIVE: (mark("Đang hoạt động"), _OK),
        StaffState.DISABLED: (mark("Đã khóa"), ""),
    }
)
# By type as well as by value: `paid` of an order and of an attempt are equal texts.
_TABLES: Mapping[type[StrEnum], Mapping[StrEnum, tuple[str, str]]] = MappingProxyType(
    {
        OrderState: _STATES,
        PaymentState: _PAYMENTS,
        SettlementState: _SETTLEMENTS,
        BankState: _BANKS,
        CaseState: _CASES,
        Disposition: _DISPOSITIONS,
        StaffState: _STAFF,
    }
)
_ROLES: Mapping[Role, str] = MappingProxyType(
    {
        Role.ADMIN: mark("Quản trị"),
        Role.MAKER: mark("Kế toán lập"),
        Role.CHECKER: mark("Kế toán trưởng duyệt"),
        Role.RECONCILER: mark("Đối soát"),
        Role.CASHIER: mark("Thủ quỹ"),
        Role.VIEWER: mark("Cán bộ tiếp nhận"),
        Role.AUDITOR: mark("Kiểm toán"),
    }
)
_PURPOSES: Mapping[Purpose, str] = MappingProxyType(
    {
        Purpose.FEE: mark("Phí, lệ phí"),
        Purpose.ADVANCE: mark("Tạm ứng"),
        Purpose.FINAL: mark("Quyết toán"),
        Purpose.SUPPLEMENT: mark("Bổ sung"),
        Purpose.RETRY: mark("Nộp lại"),
    }
)
_KINDS: Mapping[CaseKind, tuple[str, str]] = MappingProxyType(
    {
        CaseKind.AMOUNT_DIFFERS: (
            mark("Sai số tiền"),
            mark("Số tiền đối tác báo khác số tiền phải thu. Tiền đã ghi sổ, hồ sơ chưa được trả."),
        ),
        CaseKind.DUPLICATE_PAYMENT: (
            mark("Thanh toán trùng"),
            mark("Đơn hàng đã đủ tiền, khoản này là khoản thừa và phải hoàn lại."),
        ),
        CaseKind.LATE_PAYMENT: (
            mark("Thanh toán sau hạn"),
            mark("Tiền đến khi đơn đã kết thúc; cổng không nhận tiền muộn hoặc đã có đơn khác."),
        ),
        CaseKind.UNKNOWN_ATTEMPT: (
            mark("Giao dịch chưa xác định"),
            mark("Đối tác báo một giao dịch mà hệ thống không có. Tiền đang ở tài khoản chờ."),
        ),
        CaseKind.CONTRADICTION: (
            mark("Đối tác báo mâu thuẫn"),
            mark("Đối tác báo trái với những gì đã ghi. Sổ giữ nguyên cho tới khi có người xem."),
        ),
        CaseKind.PAYMENT_REVERSED: (
            mark("Khoản thanh toán bị thu hồi"),
            mark("Đối tác đã lấy lại tiền sau khi báo thành công. Đơn vẫn ghi là đã thanh toán."),
        ),
        CaseKind.KEY_CONFLICT: (
            mark("Trùng mã giao dịch"),
            mark("Một mã giao dịch được báo với hai số tiền hoặc cho hai lần thanh toán."),
        ),
    }
)


def tag(say: Say, state: StrEnum) -> Tag:
    """Return what people call *state*; a state that is new here is shown by its code."""
    text, tone = _TABLES.get(type(state), {}).get(state, (state.value, ""))
    return Tag(say(text), tone or "mute")


def role_name(say: Say, role: Role) -> str:
    """Return what people call *role*."""
    return say(_ROLES[role])


def purpose_name(say: Say, purpose: Purpose) -> str:
    """Return what people call *purpose*."""
    return say(_PURPOSES[purpose])


def case_name(say: Say, kind: CaseKind) -> str:
    """Return what people call cases of *kind*; a kind that is new here is shown by its code."""
    return say(_KINDS[kind][0]) if kind in _KINDS else kind.value


def case_meaning(say: Say, kind: CaseKind) -> str:
    """Return what has happened in cases of *kind*."""
    return say(_KINDS[kind][1]) if kind in _KINDS else ""


def grant_note(say: Say, state: GrantState) -> str:
    """Return what must be said of a grant."""
    return say("chờ người thứ hai duyệt") if state is GrantState.PROPOSED else ""
