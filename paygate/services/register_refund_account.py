"""Register the account to which a refund would go: sealed, with who set it and when."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.ids import OrderId
from paygate.domain.party import RefundAccount
from paygate.store import audit, refund_accounts, sealed
from paygate.store.refund_accounts import SealedRefundAccount


def register_refund_account(
    tx: sa.Connection, act: Act, vault: Vault, order_id: OrderId, account: RefundAccount
) -> SealedRefundAccount:
    """Keep *account* as the newest of the order; the caller holds the order."""
    table = refund_accounts.table.name
    row_id = act.ids.new("rac", act.now)

    def seal(column: str, plain: str) -> str:
        owner = sealed.Owner(table, row_id, column)
        return sealed.seal(tx, vault, owner, plain.encode(), act=act)

    row = SealedRefundAccount(
        id=row_id,
        order_id=order_id,
        bank_bin=account.bank_bin,
        last4=account.last4,
        number_sealed=seal("number_sealed", account.account_number),
        number_index=sealed.blind_index(vault, table, "number_index", account.account_number),
        holder_sealed=seal("holder_sealed", account.account_holder),
        set_by=act.actor,
        set_at=act.now,
    )
    refund_accounts.add(tx, row)
    audit.note(
        tx,
        act,
        stream=f"order:{order_id}",
        action="refund_account.set",
        subject=f"refund_account:{row_id}",
        facts={"bank": row.bank_bin},
    )
    return row
