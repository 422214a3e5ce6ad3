"""A gateway of its own for one account, with the rail's emulator beside it: no line leaves it.

The account is the configured one, keys and all; only its addresses lead to the emulator, and the
book is a new file that is thrown away.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

import sqlalchemy as sa

from paygate.bootstrap import addresses, create_app, emulators, house_over
from paygate.config import Account, Config, Gateway, MasterKey, Vault
from paygate.domain.act import Act
from paygate.domain.clock import Clock, SystemClock
from paygate.domain.ids import AccountCode, RandomIds
from paygate.domain.order import LateMoney
from paygate.house import House
from paygate.http.auth import new_key
from paygate.services.add_portal import add_portal
from paygate.services.import_agencies import import_agencies, read_agencies
from paygate.store import account_states, schema
from paygate.store.account_states import AccountState
from paygate.store.engine import EngineDatabase
from providers.contract import Arrival, Emulator, HttpCall, HttpReply, SilentError, Visit

if TYPE_CHECKING:
    from werkzeug.test import Client, TestResponse

BASE = "https://gateway.invalid"
RAILS = "https://sandbox.invalid"
AGENCY = "000.00.00.G99"
PORTAL = "rehearsal"
FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class Rehearsal:
    """The gateway, and the rail that it speaks to."""

    code: AccountCode
    house: House
    emulator: Emulator
    api_key: str
    clock: Clock
    client: Client = field(init=False)

    def portal(self, method: str, path: str, json: object = None) -> TestResponse:
        """Ask the gateway as a portal would."""
        headers = {"Authorization": f"Bearer {self.api_key}", "Idempotency-Key": "smoke"}
        return self.client.open(path, method=method, headers=headers, json=json)

    def choose(self, checkout_url: str) -> TestResponse:
        """Choose the account on the checkout page, as a citizen would."""
        return self.client.post(
            urlsplit(checkout_url).path, data={"method": self.code}, headers={"Origin": BASE}
        )

    def pay(self, url: str) -> None:
        """Open the rail's page and press its button; the rail then calls back.

        Raises:
            SilentError: the page has no such form, or the callback was not acknowledged.
        """
        page = self._visit(HttpCall("GET", url, {}, b""))
        form = _Form()
        form.feed(page.body.decode())
        body = urlencode([*form.hidden, ("action", "pay")]).encode()
        target = urljoin(url, form.action)
        self._visit(HttpCall("POST", target, {"Content-Type": FORM}, body))

    def send(self, call: HttpCall) -> HttpReply:
        """Send a call of the adapter to the emulator."""
        return self._visit(call)

    def _visit(self, call: HttpCall) -> HttpReply:
        visited = self.emulator.visit(_arrival(call, f"{RAILS}/{self.code}", self.clock))
        self._run_errands(visited)
        if visited.reply is None:
            raise SilentError("the emulator did not answer")
        return visited.reply

    def _run_errands(self, visited: Visit) -> None:
        for errand in (*visited.before, *visited.after):
            call = errand.call
            target = call.url.removeprefix(BASE)
            answer = self.client.open(
                target, method=call.method, headers=dict(call.headers), data=call.body
            )
            reply = HttpReply(answer.status_code, dict(answer.headers), answer.get_data())
            if not self.emulator.acknowledged(reply):
                raise SilentError(f"the rail does not take our answer {answer.status_code}")


@contextmanager
def rehearsal(account: Account) -> Iterator[Rehearsal]:
    """Open a gateway for *account* in a folder that is thrown away."""
    with TemporaryDirectory(prefix="paygate-smoke-") as folder:
        config = _config(account, Path(folder))
        database = EngineDatabase(config.gateway.database_url)
        try:
            yield _furnished(config, database)
        finally:
            database.close()


def _config(account: Account, folder: Path) -> Config:
    settings = {
        name: values for name, values in account.settings.items() if name not in addresses(account)
    }
    played = replace(
        account,
        portals=(),
        agencies=(),
        enabled=True,
        settings=settings | {"base_url": (f"{RAILS}/{account.code}",)},
    )
    return Config(
        gateway=Gateway(
            base_url=BASE, database_url=f"sqlite:///{folder}/smoke.db", support_phone="000"
        ),
        vault=Vault(
            keys=(MasterKey(kid="smoke", key=secrets.token_bytes(32)),),
            index_key=secrets.token_bytes(32),
        ),
        accounts=(played,),
    )


def _furnished(config: Config, database: EngineDatabase) -> Rehearsal:
    clock, ids, code = SystemClock(), RandomIds(), AccountCode(config.accounts[0].code)
    key, key_id, key_secret = new_key()

    def furnish(tx: sa.Connection) -> None:
        schema.upgrade(tx)
        now = clock.now()
        act = Act(now=now, actor="system:smoke", via="paygate smoke", request_id="smoke", ids=ids)
        register = f"code,name\n{AGENCY},Rehearsal\n".encode()
        import_agencies(tx, act, config.vault, read_agencies(register))
        add_portal(
            tx,
            act,
            code=PORTAL,
            name="Rehearsal",
            origins=(BASE,),
            late_money=LateMoney.REFUND,
            key_id=key_id,
            key_secret=key_secret,
            loopback=False,
        )
        rail = config.accounts[0].rail
        state = AccountState(code=code, rail=rail, offered=True, first_seen_at=now)
        account_states.meet(tx, state)

    database.act(furnish)
    made = Rehearsal(
        code=code,
        house=house_over(config, database),
        emulator=emulators(config, base_url=RAILS)[code],
        api_key=key,
        clock=clock,
    )
    merchant = replace(made.house.merchants[code], send=made.send)
    made.house = replace(made.house, merchants={code: merchant})
    made.client = create_app(config, made.house, clock=clock, ids=ids).test_client()
    return made


class _Form(HTMLParser):
    """The form of the rail's page: where it leads, and what it carries unseen."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.hidden: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given.get("action", "")
        elif tag == "input" and given.get("type") == "hidden":
            self.hidden.append((given.get("name", ""), given.get("value", "")))


def _arrival(call: HttpCall, base: str, clock: Clock) -> Arrival:
    """Return *call* as the emulator at *base* receives it."""
    parts = urlsplit(call.url)
    return Arrival(
        method=call.method,
        path=parts.path.removeprefix(urlsplit(base).path) or "/",
        query=parts.query.encode(),
        headers=tuple(call.headers.items()),
        body=call.body,
        arrived_at=clock.now(),
    )
