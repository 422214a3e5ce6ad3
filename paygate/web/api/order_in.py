"""What a portal posts to issue an order, as its programmer writes it (DESIGN 5.1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidatorFunctionWrapHandler, WrapValidator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from paygate.domain import payable
from paygate.domain.dossier import DossierCode
from paygate.domain.errors import ValueRefusedError
from paygate.domain.money import Money
from paygate.domain.order import FeeKind, Purpose
from paygate.domain.party import Party, RefundAccount
from paygate.domain.payable import PayableRef, PayableType
from paygate.http import fields
from paygate.http.api import Gathering
from paygate.http.problems import FieldRefusal, FieldsRefusedError
from paygate.services.change_order import ChangesWanted
from paygate.services.issue_order import Exemption, LineWanted, OrderWanted
from paygate.store.portals import Portal
from paygate.web.api.model import In

ENDS_S_MIN = 300
ENDS_S_MAX = 31 * 86_400
LINES_MAX = 50
METADATA_MAX = 20
EXAMPLE: JsonDict = {
    "dossier": {"code": "000.30.27.H23-220928-0001", "procedure_code": "1.001456"},
    "lines": [
        {
            "kind": "le_phi",
            "code": "LP01",
            "name": "Lệ phí hộ tịch",
            "amount": 5_000,
            "beneficiary": "000.30.27.H23",
        }
    ],
    "payer": {"name": "TRẦN THỊ MINH HỌA"},
    "refund_account": {
        "bank_bin": "970436",
        "account_number": "0011002233",
        "account_holder": "TRAN THI MINH HOA",
    },
    "return_url": "https://portal.example/return",
}
PAPER_FIELDS_MAX = 20


def _no_key_twice(given: object, clean: ValidatorFunctionWrapHandler) -> object:
    made = clean(given)
    if isinstance(given, dict) and len(made) != len(given):
        raise PydanticCustomError("metadata_key_repeated", "refused")
    return made


Code = Annotated[str, fields.code(50)]
Long = Annotated[str, fields.text(500)]
Metadata = Annotated[
    dict[Annotated[str, fields.code(40)], Annotated[str, fields.note(500)]],
    Field(max_length=METADATA_MAX),
    WrapValidator(_no_key_twice),
]


class DossierIn(In):
    """The dossier that the fee is for."""

    code: Annotated[str, Field(max_length=200)]
    procedure_code: Code | None = None
    procedure_name: Long | None = None


class PayableRefIn(In):
    """The paper that is paid instead of a dossier's fee; `fields` are those of its type."""

    type: PayableType
    code: Annotated[str, Field(max_length=200)]
    fields: Annotated[
        dict[str, Annotated[str, Field(max_length=2_000)]], Field(max_length=PAPER_FIELDS_MAX)
    ]

    def to_payable(self, gathering: Gathering, today: date) -> PayableRef | None:
        """Return the domain's value, or None with what breaks its rules in *gathering*."""
        code, clean, known = "", {}, len(gathering.refused)
        with gathering.at("/payable_ref/code"):
            code = payable.read_code(self.code)
        for name, text in self.fields.items():
            # A name that is not ours is not repeated.
            place = f"/{name}" if name in payable.FIELDS[self.type] else ""
            with gathering.at(f"/payable_ref/fields{place}"):
                clean[name] = payable.read_field(self.type, name, text, today)
        for name in payable.missing(self.type, frozenset(self.fields)):
            with gathering.at(f"/payable_ref/fields/{name}"):
                raise ValueRefusedError("field_missing")
        if len(gathering.refused) > known:
            return None
        return PayableRef(type=self.type, code=code, fields=clean)


class LineIn(In):
    """One fee."""

    kind: FeeKind
    code: Code
    name: Long
    amount: fields.Dong
    beneficiary: Code
    case: Code | None = None
    applicant_category: Code | None = None
    full_amount: fields.Dong | None = None
    reduction_basis: Long | None = None

    def to_wanted(self) -> LineWanted:
        """Return the value of the business."""
        return LineWanted(
            kind=self.kind,
            code=self.code,
            name=self.name,
            amount=Money(self.amount),
            beneficiary=self.beneficiary,
            case_code=self.case,
            applicant_category=self.applicant_category,
            full_amount=None if self.full_amount is None else Money(self.full_amount),
            reduction_basis=self.reduction_basis,
        )


class PartyIn(In):
    """Payer or applicant."""

    name: Annotated[str, Field(max_length=2_000)]
    id_number: Annotated[str, Field(max_length=200)] | None = None
    phone: Annotated[str, Field(max_length=200)] | None = None
    email: Annotated[str, Field(max_length=500)] | None = None
    address: Annotated[str, Field(max_length=2_000)] | None = None

    def to_party(self) -> Party:
        """Return the domain's value, or refuse what breaks its rules."""
        return Party(**self.model_dump())


class ExemptionIn(In):
    """Why nothing is owed."""

    reason_code: Code
    legal_basis: Long


class RefundAccountIn(In):
    """Where a refund would go: all three, or nothing."""

    bank_bin: Annotated[str, Field(max_length=20)]
    account_number: Annotated[str, Field(max_length=200)]
    account_holder: Annotated[str, Field(max_length=2_000)]

    def to_account(self) -> RefundAccount:
        """Return the domain's value, or refuse what breaks its rules."""
        return RefundAccount(**self.model_dump())


class ChangesIn(In):
    """What a portal changes: what is not named stays as it is; null is no value."""

    refund_account: RefundAccountIn = None  # type: ignore[assignment]  # not named, as told above
    metadata: Metadata = None  # type: ignore[assignment]  # as above

    model_config = ConfigDict(**In.model_config, json_schema_extra={"minProperties": 1})

    def to_wanted(self, version: int) -> ChangesWanted:
        """Return the command, or refuse what breaks a rule of the business, or names nothing."""
        named = self.model_fields_set
        if not named:
            raise FieldsRefusedError([FieldRefusal("", "field_missing")])
        gathering = Gathering()
        account = None
        with gathering.at("/refund_account"):
            account = self.refund_account.to_account() if "refund_account" in named else None
        gathering.check()
        return ChangesWanted(version=version, refund_account=account, metadata=self.metadata)


class OrderIn(In):
    """What a portal posts to issue an order."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    dossier: DossierIn | None = None
    payable_ref: PayableRefIn | None = None
    purpose: Purpose = Purpose.FEE
    description: Annotated[str, fields.text(255)] | None = None
    language: Literal["vi", "en"] = "vi"
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=LINES_MAX)]
    payer: PartyIn | None = None
    applicant: PartyIn | None = None
    collecting_agency: Code | None = None
    exemption: ExemptionIn | None = None
    refund_account: RefundAccountIn | None = None
    return_url: Annotated[str, Field(max_length=2_000)] | None = None
    expires_in: Annotated[int, Field(ge=ENDS_S_MIN, le=ENDS_S_MAX)] | None = None
    metadata: Metadata = Field(default_factory=dict)

    def to_wanted(self, portal: Portal, *, today: date, ends_s: int) -> OrderWanted:
        """Return the command, or refuse every field that breaks a rule of the business."""
        gathering = Gathering()
        made: dict[str, object] = {}
        self._add_what_is_paid(made, gathering, today)
        for name, party in (("payer", self.payer), ("applicant", self.applicant)):
            if party is not None:
                with gathering.at(f"/{name}"):
                    made[name] = party.to_party()
        if self.refund_account is not None:
            with gathering.at("/refund_account"):
                made["refund_account"] = self.refund_account.to_account()
        if self.exemption is not None:
            made["exemption"] = Exemption(**self.exemption.model_dump())
        gathering.check()
        return OrderWanted(
            portal=portal,
            description=self.description,
            lines=tuple(each.to_wanted() for each in self.lines),
            purpose=self.purpose,
            language=self.language,
            collecting_agency=self.collecting_agency,
            return_url=self.return_url,
            expires_in=timedelta(seconds=self.expires_in or ends_s),
            metadata=self.metadata,
            **made,  # type: ignore[arg-type]  # gathered above, each under its own name
        )

    def _add_what_is_paid(self, made: dict[str, object], gathering: Gathering, today: date) -> None:
        """Add the dossier or the paper, of which there must be exactly one."""
        if self.payable_ref is not None:
            made["payable"] = self.payable_ref.to_payable(gathering, today)
            if self.dossier is not None:
                with gathering.at("/payable_ref"):
                    raise ValueRefusedError("payable_ref_with_dossier")
        elif self.dossier is None:
            with gathering.at("/dossier"):
                raise ValueRefusedError("field_missing")
        else:
            with gathering.at("/dossier/code"):
                made["dossier"] = DossierCode.parse(self.dossier.code, today)
            made["procedure_code"] = self.dossier.procedure_code
            made["procedure_name"] = self.dossier.procedure_name
