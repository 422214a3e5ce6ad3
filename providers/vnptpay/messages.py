"""The fields of each message in the order in which they are signed."""

from __future__ import annotations

from providers.signing import SignatureProfile

SIGNATURE = "SECURE_CODE"

INIT = SignatureProfile(
    fields=(
        "ACTION",
        "VERSION",
        "MERCHANT_SERVICE_ID",
        "MERCHANT_ORDER_ID",
        "AMOUNT",
        "AMOUNT_DETAIL",
        "SERVICE_ID",
        "DEVICE",
        "LOCALE",
        "CURRENCY_CODE",
        "PAYMENT_METHOD",
        "DESCRIPTION",
        "CREATE_DATE",
        "CLIENT_IP",
    ),
    separator="|",
)

# Version 1.0.6. What the rail answers to it is not public, so no account may ask for it yet.
# MERCHANT_DATA is sent and not signed.
PAY_QR = SignatureProfile(
    fields=(
        "ACTION",
        "VERSION",
        "MERCHANT_SERVICE_ID",
        "MERCHANT_ORDER_ID",
        "AMOUNT",
        "PAYMENT_ACTION",
        "SERVICE_CATEGORY",
        "CHANNEL_ID",
        "DEVICE",
        "LOCALE",
        "CURRENCY_CODE",
        "PAYMENT_METHOD",
        "DESCRIPTION",
        "CREATE_DATE",
        "CLIENT_IP",
    ),
    separator="|",
)

QUERY = SignatureProfile(
    fields=("ACTION", "VERSION", "MERCHANT_SERVICE_ID", "MERCHANT_ORDER_ID", "CREATE_DATE"),
    separator="|",
)

CALLBACK = SignatureProfile(
    fields=(
        "ACTION",
        "RESPONSE_CODE",
        "MERCHANT_SERVICE_ID",
        "MERCHANT_ORDER_ID",
        "AMOUNT",
        "CURRENCY_CODE",
        "VNPTPAY_TRANSACTION_ID",
        "PAYMENT_METHOD",
        "PAY_DATE",
        "ADDITIONAL_INFO",
    ),
    separator="|",
)

ANSWER = SignatureProfile(
    fields=(
        "RESPONSE_CODE",
        "DESCRIPTION",
        "MERCHANT_SERVICE_ID",
        "MERCHANT_ORDER_ID",
        "CREATE_DATE",
    ),
    separator="|",
)

# What may be listed in `query_response_fields`, and what must be, once anything is: a signature
# that does not cover the order, the money and its status would only look like one.
QUERY_REPLY_FIELDS = (
    "MERCHANT_ORDER_ID",
    "VNPTPAY_TRANSACTION_ID",
    "AMOUNT",
    "LOCALE",
    "CURRENCY_CODE",
    "PAYMENT_METHOD",
    "PAY_DATE",
    "TRANSACTION_STATUS",
    "ADDITIONAL_INFO",
    "RESPONSE_CODE",
    "DESCRIPTION",
)
QUERY_REPLY_MUST_SIGN = frozenset({"MERCHANT_ORDER_ID", "AMOUNT", "TRANSACTION_STATUS"})
