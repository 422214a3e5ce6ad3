"""How each message is signed, and its fields in signed order."""

from __future__ import annotations

from providers.signing import Algorithm, SignatureProfile

PREFIX = "vnp_"
SIGNATURE = "vnp_SecureHash"
SIGNATURE_KIND = "vnp_SecureHashType"  # of older versions: never signed, and never believed

PAY = SignatureProfile(
    fields=(),
    separator="&",
    algorithm=Algorithm.HMAC_SHA512,
    include_names=True,
    skip_empty=True,
)
"""The address of a payment, a callback and a browser's return."""


def _listed(*names: str) -> SignatureProfile:
    return SignatureProfile(
        fields=tuple(PREFIX + name for name in names),
        separator="|",
        algorithm=Algorithm.HMAC_SHA512,
    )


QUERY = _listed(
    "RequestId",
    "Version",
    "Command",
    "TmnCode",
    "TxnRef",
    "TransactionDate",
    "CreateDate",
    "IpAddr",
    "OrderInfo",
)
REFUND = _listed(
    "RequestId",
    "Version",
    "Command",
    "TmnCode",
    "TransactionType",
    "TxnRef",
    "Amount",
    "TransactionNo",
    "TransactionDate",
    "CreateBy",
    "CreateDate",
    "IpAddr",
    "OrderInfo",
)
REFUND_REPLY = _listed(
    "ResponseId",
    "Command",
    "ResponseCode",
    "Message",
    "TmnCode",
    "TxnRef",
    "Amount",
    "BankCode",
    "PayDate",
    "TransactionNo",
    "TransactionType",
    "TransactionStatus",
    "OrderInfo",
)
QUERY_REPLY = SignatureProfile(
    fields=(*REFUND_REPLY.fields, "vnp_PromotionCode", "vnp_PromotionAmount"),
    separator="|",
    algorithm=Algorithm.HMAC_SHA512,
)
