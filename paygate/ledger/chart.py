"""The accounts of the book (DESIGN 3)."""

from __future__ import annotations

from enum import StrEnum


class Account(StrEnum):
    """Where money can be; each is kept apart by a *detail*, such as the merchant account."""

    DUE_FROM_PROVIDER = "due_from_provider"
    OWED_TO_BENEFICIARY = "owed_to_beneficiary"
    SUSPENSE = "suspense"
    CHARGEBACKS = "chargebacks"
