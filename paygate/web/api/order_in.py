"""What a portal posts to issue an order, as its programmer writes it (DESIGN 5.1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidatorFunctionWrapHandler, WrapValidator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from paygate.domain.dossier import DossierCode
from paygate.domain.money import Money
from paygate.domain.order import FeeKind, Purpose
from paygate.domain.party import Party, RefundAccount
from paygate.http import fields
from paygate.http.api import Gathering
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


class LineIn(In):
    """One fee."""

    kind: FeeKind
    code: Code
    name: Long
    amount: fields.Dong
    beneficiary: Code

    def to_wanted(self) -> LineWanted:
        """Return the value of the business."""
        return LineWanted(
            kind=self.kind,
            code=self.code,
            name=self.name,
            amount=Money(self.amount),
            beneficiary=self.beneficiary,
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


class OrderIn(In):
    """What a portal posts to issue an order."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    dossier: DossierIn
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
        with gathering.at("/dossier/code"):
            made["dossier"] = DossierCode.parse(self.dossier.code, today)
        for name, party in (("payer", self.payer), ("applicant", self.applicant)):
            if party is not None:
                with gathering.at(f"/{name}"):
                    made[name] = party.to_party()
        if self.refund_account is not None:
            with gathering.at("/refund_account"):
                made["refund_account"] = RefundAccount(**self.refund_account.model_dump())
        if self.exemption is not None:
            made["exemption"] = Exemption(**self.exemption.model_dump())
        gathering.check()
        return OrderWanted(
            portal=portal,
            procedure_code=self.dossier.procedure_code,
            procedure_name=self.dossier.procedure_name,
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
