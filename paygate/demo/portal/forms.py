"""What a citizen types: read, checked, and made into the order that the gateway is asked for."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from paygate.demo.portal.procedures import Procedure
from paygate.domain.banks import BANKS

ORDER_SECONDS = 86_400
NAME_MAX = 100
_TEXT_MAX = 200  # of any field, before it is looked at
_ID_NUMBER = re.compile(r"[0-9]{9}|[0-9]{12}")
_PHONE = re.compile(r"0[0-9]{9}")
_ACCOUNT = re.compile(r"[0-9A-Z]{6,19}")

# Invented, and impossible: no province has the number 999, no telephone network the number 010.
SAMPLE: Mapping[str, str] = MappingProxyType(
    {
        "name": "NGUYỄN VĂN MẪU",
        "id_number": "999000000001",
        "phone": "0100000001",
        "account_holder": "NGUYỄN VĂN MẪU",
    }
)

# Where the gateway points when it refuses a value, and the field that the citizen sees.
FIELD_OF_POINTER: Mapping[str, str] = MappingProxyType(
    {
        "/payer/name": "name",
        "/payer/id_number": "id_number",
        "/payer/phone": "phone",
        "/refund_account": "account_number",
        "/refund_account/account_number": "account_number",
        "/refund_account/account_holder": "account_holder",
        "/refund_account/bank_bin": "bank_bin",
    }
)

NAME_MISSING = "Nhập họ và tên"
ID_NUMBER_WRONG = "Nhập số CCCD 12 chữ số hoặc số CMND 9 chữ số"
PHONE_WRONG = "Nhập số điện thoại 10 chữ số, bắt đầu bằng 0"
ACCOUNT_MISSING = "Nhập số tài khoản, hoặc để trống cả ba ô thông tin hoàn tiền"
ACCOUNT_WRONG = "Số tài khoản có từ 6 đến 19 chữ số hoặc chữ cái không dấu"
HOLDER_MISSING = "Nhập tên chủ tài khoản"
BANK_MISSING = "Chọn ngân hàng"
DECLARATION_MISSING = "Đánh dấu vào ô cam kết để nộp hồ sơ"
REFUSED_BY_GATEWAY = "Cổng thanh toán không nhận giá trị này"
ERRORS = (
    NAME_MISSING,
    ID_NUMBER_WRONG,
    PHONE_WRONG,
    ACCOUNT_MISSING,
    ACCOUNT_WRONG,
    HOLDER_MISSING,
    BANK_MISSING,
    DECLARATION_MISSING,
    REFUSED_BY_GATEWAY,
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Application:
    """What was typed, tidied. It prints nothing, because it is personal."""

    name: str
    id_number: str
    phone: str
    account_number: str
    account_holder: str
    bank_bin: str
    declared: bool

    @property
    def wants_refund_account(self) -> bool:
        """Return whether the citizen filled the refund account; a prefilled name is none."""
        prefilled = ("", self.name, SAMPLE["account_holder"])
        return bool(self.account_number or self.bank_bin or self.account_holder not in prefilled)

    @property
    def login(self) -> str:
        """Return an account name in the manner of the training deck: hoand.hdg."""
        *before, given = _plain(self.name).split() or ["congdan"]
        return given + "".join(word[0] for word in before) + ".hdg"


def read_form(form: Mapping[str, str]) -> Application:
    """Return what was typed, tidied but not judged."""

    def typed(field: str) -> str:
        text = unicodedata.normalize("NFC", form.get(field, "")[:_TEXT_MAX])
        return " ".join(text.split())

    return Application(
        name=typed("name"),
        id_number=typed("id_number").replace(" ", ""),
        phone=typed("phone").replace(" ", ""),
        account_number=typed("account_number").replace(" ", "").upper(),
        account_holder=typed("account_holder"),
        bank_bin=typed("bank_bin"),
        declared=form.get("declaration") == "yes",
    )


def check(application: Application) -> dict[str, str]:
    """Return what is wrong, by field, in the order of the page; empty when all is well."""
    wrong: dict[str, str] = {}
    if not 0 < len(application.name) <= NAME_MAX:
        wrong["name"] = NAME_MISSING
    if not _ID_NUMBER.fullmatch(application.id_number):
        wrong["id_number"] = ID_NUMBER_WRONG
    if not _PHONE.fullmatch(application.phone):
        wrong["phone"] = PHONE_WRONG
    if application.wants_refund_account:
        wrong |= _check_refund_account(application)
    if not application.declared:
        wrong["declaration"] = DECLARATION_MISSING
    return wrong


def order_body(
    application: Application,
    procedure: Procedure,
    *,
    dossier_code: str,
    beneficiary: str,
    return_url: str,
    language: str,
) -> str:
    """Return the JSON that asks the gateway for the order: the same values give the same text."""
    body: dict[str, object] = {
        "dossier": {
            "code": dossier_code,
            "procedure_code": procedure.code,
            "procedure_name": procedure.name,
        },
        "purpose": "fee",
        "description": f"Thanh toán {procedure.fee_words} cho hồ sơ {dossier_code}",
        "language": language,
        "lines": [
            {
                "kind": fee.kind.value,
                "code": fee.code,
                "name": fee.name,
                "amount": fee.amount.dong,
                "beneficiary": beneficiary,
            }
            for fee in procedure.fees
        ],
        "payer": {
            "name": application.name,
            "id_number": application.id_number,
            "phone": application.phone,
        },
        "return_url": return_url,
        "expires_in": ORDER_SECONDS,
    }
    if application.wants_refund_account:
        body["refund_account"] = {
            "bank_bin": application.bank_bin,
            "account_number": application.account_number,
            "account_holder": application.account_holder,
        }
    return json.dumps(body, ensure_ascii=False, sort_keys=True)


def _check_refund_account(application: Application) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not application.account_number:
        wrong["account_number"] = ACCOUNT_MISSING
    elif not _ACCOUNT.fullmatch(application.account_number):
        wrong["account_number"] = ACCOUNT_WRONG
    if not application.account_holder:
        wrong["account_holder"] = HOLDER_MISSING
    if application.bank_bin not in BANKS:
        wrong["bank_bin"] = BANK_MISSING
    return wrong


def _plain(name: str) -> str:
    """Return *name* in small letters without diacritics, and nothing else."""
    apart = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return "".join(each for each in apart if each == " " or ("a" <= each <= "z"))
