"""Personal values and secrets at rest: the one table that rotation may update, erasure delete.

Format, additional data and blind index are those of TRUST 6. A failure to open is an error that
stops the act, never an empty value.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from paygate.config import MasterKey, Vault
from paygate.domain.act import Act
from paygate.store import driver
from paygate.store.base import metadata, one, values

FORMAT = "pg1"
SALT_BYTES = 16
NONCE_BYTES = 12
KEY_BYTES = 32
_SEPARATOR = b"\x1f"

table = sa.Table(
    "sealed_value",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kid", sa.Text, nullable=False, index=True),
    sa.Column("owner_table", sa.Text, nullable=False),
    sa.Column("owner_row", sa.Text, nullable=False),
    sa.Column("owner_column", sa.Text, nullable=False),
    sa.Column("ciphertext", sa.Text, nullable=False),
    sa.Column("commitment_salt", sa.Text, nullable=False),
    sa.UniqueConstraint("owner_table", "owner_row", "owner_column"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedValue:
    """A ciphertext, and the row and column that own it."""

    id: str
    kid: str
    owner_table: str
    owner_row: str
    owner_column: str
    ciphertext: str = field(repr=False)
    commitment_salt: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Owner:
    """The row and column that a value belongs to: moved elsewhere, it does not open."""

    table: str
    row: str
    column: str


class SealError(Exception):
    """A sealed value does not open: wrong key, wrong owner, or changed bytes."""


ADD = table.insert()
GET = sa.select(table).where(table.c.id == sa.bindparam("id"))


def seal(tx: sa.Connection, vault: Vault, owner: Owner, plain: bytes, *, act: Act) -> str:
    """Keep *plain* for *owner*, encrypted by the vault's first key, and return its id."""
    master = vault.keys[0]
    row = SealedValue(
        id=act.ids.new("sv", act.now),
        kid=master.kid,
        owner_table=owner.table,
        owner_row=owner.row,
        owner_column=owner.column,
        ciphertext=encrypt(
            master,
            owner,
            plain,
            salt=secrets.token_bytes(SALT_BYTES),
            nonce=secrets.token_bytes(NONCE_BYTES),
        ),
        commitment_salt=secrets.token_hex(SALT_BYTES),
    )
    driver.later(tx, ADD, values(row))
    return row.id


def open_for(tx: sa.Connection, vault: Vault, owner: Owner, sealed_id: str) -> bytes:
    """Return what was sealed for *owner*: a row that points at another's value gets nothing.

    Raises:
        SealError: it is not there, or does not open.
    """
    return decrypt(vault, owner, _get(tx, sealed_id).ciphertext)


def unseal(tx: sa.Connection, vault: Vault, sealed_id: str) -> bytes:
    """Return what was sealed, by its own word of whose it is: for rotation, not for use.

    Raises:
        SealError: it is not there, or does not open.
    """
    row = _get(tx, sealed_id)
    owner = Owner(row.owner_table, row.owner_row, row.owner_column)
    return decrypt(vault, owner, row.ciphertext)


def _get(tx: sa.Connection, sealed_id: str) -> SealedValue:
    row = one(SealedValue, tx.execute(GET, {"id": sealed_id}))
    if row is None:
        raise SealError(f"no sealed value {sealed_id}")
    return row


def encrypt(master: MasterKey, owner: Owner, plain: bytes, *, salt: bytes, nonce: bytes) -> str:
    """Return the stored text: a key of its own for each value, so no nonce is ever spent twice."""
    box = AESGCM(_value_key(master.key, salt)).encrypt(nonce, plain, _aad(master.kid, owner))
    return f"{FORMAT}.{master.kid}.{_to_text(salt + nonce + box)}"


def decrypt(vault: Vault, owner: Owner, text: str) -> bytes:
    """Return the plain bytes of the stored *text*.

    Raises:
        SealError: no such key, or the text is not what was sealed for *owner*.
    """
    try:
        version, kid, body = text.split(".")
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        if _to_text(raw) != body:
            raise ValueError("spare characters")  # noqa: TRY301  # the library overlooks them
        master = next(key for key in vault.keys if key.kid == kid and version == FORMAT)
        salt, rest = raw[:SALT_BYTES], raw[SALT_BYTES:]
        key = AESGCM(_value_key(master.key, salt))
        return key.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], _aad(kid, owner))
    except (ValueError, StopIteration, InvalidTag) as error:
        raise SealError(f"{owner.table}.{owner.column} does not open") from error


def blind_index(vault: Vault, table_name: str, column: str, value: str) -> str:
    """Return what equal values of one column share, and values of two columns never do."""
    info = _SEPARATOR.join((b"paygate/bidx/v1", table_name.encode(), column.encode()))
    key = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(vault.index_key)
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def _to_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _value_key(master: bytes, salt: bytes) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=b"paygate/field/v1")
    return kdf.derive(master)


def _aad(kid: str, owner: Owner) -> bytes:
    parts = (FORMAT, kid, owner.table, owner.row, owner.column)
    return _SEPARATOR.join(each.encode() for each in parts)
