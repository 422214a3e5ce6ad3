"""Every refusal paygate can utter, each with a stable code.

A code is part of the contract with portals: it never changes its meaning. What a person reads
stands in the catalogues (`paygate/http/problems.py`), never here; HTTP statuses stand there too.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


class PaygateError(Exception):
    """Superclass of every refusal. Never raised directly.

    *facts* are small values without personal data that the caller may be told,
    such as the id of the order that stands in the way.
    """

    code = "error"

    def __init__(self, text: str = "", **facts: str) -> None:
        super().__init__(text or self.code)
        self.facts: Mapping[str, str] = MappingProxyType(facts)


class IllegalTransitionError(PaygateError):
    """The event cannot happen in this state."""

    code = "illegal_transition"


class ValueRefusedError(PaygateError, ValueError):
    """A value from outside breaks the rule of its kind; *code* says which rule."""

    code = "value_refused"

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(text or code)
        self.code = code


class LiveOrderExistsError(PaygateError):
    """The dossier has a live order of this purpose (facts: `order_id`)."""

    code = "live_order_exists"


class AlreadyPaidError(PaygateError):
    """The dossier has a paid order of this purpose (facts: `order_id`)."""

    code = "already_paid"


class OrderPaidError(PaygateError):
    """The order is paid, or exempt: nothing of it is left to cancel."""

    code = "order_paid"


class VersionDiffersError(PaygateError):
    """The order has changed since the caller looked at it (facts: `version`, what it is now)."""

    code = "version_differs"


class UnknownAgencyError(PaygateError):
    """A beneficiary or collecting agency is not in the register, or not valid today."""

    code = "unknown_agency"


class AmountOffRuleError(PaygateError):
    """Amounts are not what the fee rules in force say, and the house refuses that.

    *lawful* holds, by the number of the line counted from 0, what would be accepted.
    """

    code = "amount_off_rule"

    def __init__(self, lawful: Mapping[int, str]) -> None:
        super().__init__()
        self.lawful = MappingProxyType(dict(lawful))


class PayableTypeNotAllowedError(PaygateError):
    """The portal is not configured to issue orders for such a paper."""

    code = "payable_type_not_allowed"


class PayableWindowOverError(PaygateError):
    """The days within which the paper could be paid are over (facts: `last_day`)."""

    code = "payable_window_over"


class ReturnUrlRefusedError(PaygateError):
    """The return address is outside the portal's registered origins."""

    code = "return_url_not_registered"


class IdempotencyKeyReusedError(PaygateError):
    """The same key came with another body."""

    code = "idempotency_key_reused"


class IdempotencyKeyRunningError(PaygateError):
    """The first request with this key has not ended."""

    code = "idempotency_key_running"


class OrderNotFoundError(PaygateError):
    """No such order, or another portal's."""

    code = "order_not_found"


class OrderNotPayableError(PaygateError):
    """The order is not open, or an attempt of it is still live."""

    code = "order_not_payable"


class MethodNotOfferedError(PaygateError):
    """This way to pay is not offered for this order."""

    code = "method_not_offered"


class NotAuthenticatedError(PaygateError):
    """No API key, or none that we know."""

    code = "not_authenticated"


class WebhookEndpointNotFoundError(PaygateError):
    """No such endpoint, a retired one, or another portal's."""

    code = "webhook_endpoint_not_found"


class WebhookEndpointExistsError(PaygateError):
    """The portal has an endpoint of this address (facts: `endpoint_id`)."""

    code = "webhook_endpoint_exists"


class TooManyWebhookEndpointsError(PaygateError):
    """The portal has as many endpoints as it may."""

    code = "webhook_endpoints_full"


class WebhookEndpointDisabledError(PaygateError):
    """The endpoint is disabled, so nothing is sent to it."""

    code = "webhook_endpoint_disabled"


class WebhookMessageNotFoundError(PaygateError):
    """No such message, or another portal's."""

    code = "webhook_message_not_found"


class NobodyToTellError(PaygateError):
    """The portal has no endpoint to which the message could be sent."""

    code = "no_webhook_endpoint"


class NotBuiltYetError(PaygateError):
    """This part of the contract is not built yet."""

    code = "not_built_yet"
