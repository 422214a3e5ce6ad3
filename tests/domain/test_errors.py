from __future__ import annotations

import pytest

from paygate.domain import errors
from paygate.domain.errors import OrderNotFoundError, PaygateError, ValueRefusedError

# Portals rely on these: one may be added, none may change or go.
CODES = {
    "IllegalTransitionError": "illegal_transition",
    "ValueRefusedError": "value_refused",
    "LiveOrderExistsError": "live_order_exists",
    "AlreadyPaidError": "already_paid",
    "OrderPaidError": "order_paid",
    "VersionDiffersError": "version_differs",
    "WebhookEndpointNotFoundError": "webhook_endpoint_not_found",
    "WebhookEndpointExistsError": "webhook_endpoint_exists",
    "TooManyWebhookEndpointsError": "webhook_endpoints_full",
    "WebhookEndpointDisabledError": "webhook_endpoint_disabled",
    "WebhookMessageNotFoundError": "webhook_message_not_found",
    "NobodyToTellError": "no_webhook_endpoint",
    "NotBuiltYetError": "not_built_yet",
    "UnknownAgencyError": "unknown_agency",
    "AmountOffRuleError": "amount_off_rule",
    "PayableTypeNotAllowedError": "payable_type_not_allowed",
    "PayableWindowOverError": "payable_window_over",
    "ReturnUrlRefusedError": "return_url_not_registered",
    "IdempotencyKeyReusedError": "idempotency_key_reused",
    "IdempotencyKeyRunningError": "idempotency_key_running",
    "OrderNotFoundError": "order_not_found",
    "OrderNotPayableError": "order_not_payable",
    "MethodNotOfferedError": "method_not_offered",
    "NotAuthenticatedError": "not_authenticated",
}


def refusals():
    return {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, PaygateError) and kind is not PaygateError
    }


def test_the_codes_are_those_that_portals_rely_on():
    assert {name: kind.code for name, kind in refusals().items()} == CODES


def test_every_refusal_has_a_code_of_its_own():
    codes = [kind.code for kind in refusals().values()]

    assert len(set(codes)) == len(codes)
    assert PaygateError.code not in codes
    for kind in refusals().values():
        assert "code" in vars(kind)
        assert kind.__doc__


def test_a_refusal_says_its_code_where_nothing_else_is_said():
    assert str(OrderNotFoundError()) == "order_not_found"
    assert str(OrderNotFoundError("gone")) == "gone"


def test_a_refusal_carries_facts_that_cannot_be_changed():
    error = OrderNotFoundError(order_id="ord_1")

    assert error.facts == {"order_id": "ord_1"}
    with pytest.raises(TypeError):
        error.facts["order_id"] = "ord_2"  # type: ignore[index]


def test_a_refused_value_names_its_rule_and_is_a_value_error():
    error = ValueRefusedError("dossier_code_date")

    assert isinstance(error, ValueError)
    assert error.code == str(error) == "dossier_code_date"
    assert error.facts == {}
    assert ValueRefusedError.code == "value_refused"
