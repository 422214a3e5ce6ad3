"""`paygate login`, `paygate logout`, and who is logged in for the commands that need a person."""

from __future__ import annotations

import getpass
import json
import os
import stat
import sys
from dataclasses import replace
from pathlib import Path

import click
import sqlalchemy as sa

from paygate.cli.common import configured, database, operators_act, problems, say
from paygate.cli.database import json_option
from paygate.config import Config
from paygate.domain.act import Act
from paygate.domain.staff import SessionKind
from paygate.services.find_session import Visitor
from paygate.store.engine import EngineDatabase

PATH_VARIABLE = "PAYGATE_SESSION"
PASSWORD_VARIABLE = "PAYGATE_PASSWORD"  # noqa: S105  # the name of a variable
CODE_VARIABLE = "PAYGATE_TOTP"
FILE = "staff-session.json"
NETWORK = "command line"
OWNER_ALONE = 0o600
FILE_CHARACTERS_MAX = 4_096


@click.command()
@click.argument("email")
@json_option
def login(email: str, *, as_json: bool) -> None:
    """Log in as the staff member EMAIL for 15 minutes, for the commands that need a person.

    Password and code are asked for; programs give them in PAYGATE_PASSWORD and PAYGATE_TOTP, or as
    two lines of the standard input.
    """
    from paygate.bootstrap import house_over
    from paygate.services.log_in import log_in
    from paygate.services.open_session import LoggedIn
    from paygate.services.prove_identity import Delayed, Proof

    config = configured()
    password, code = _factors()
    proof = Proof(email=email, password=password, code=code, network=f"{NETWORK} {_me()}")
    with database(config) as opened:
        house = house_over(config, opened)
        found = log_in(house, operators_act("login"), proof, kind=SessionKind.CLI)
    if isinstance(found, Delayed):
        seconds = int(found.wait.total_seconds()) + 1
        why = "too many log in at this moment" if found.crowded else "too often wrong"
        raise problems((f"{why}: wait {seconds} seconds",))
    if not isinstance(found, LoggedIn):
        raise problems(("address, password or code is not right",))
    path = _path(config)
    try:
        _keep(path, json.dumps({"token": found.token, "email": found.staff.email}))
    except OSError as error:
        raise problems((f"{path}: {error.strerror}; the session could not be kept",)) from None
    ends_at = found.session.ends_at.isoformat(timespec="seconds")
    human = f"logged in as {found.staff.email} until {ends_at}"
    say(human, as_json=as_json, email=found.staff.email, ends_at=ends_at)


@click.command()
@json_option
def logout(*, as_json: bool) -> None:
    """Log out of the command line."""
    from paygate.bootstrap import house_over
    from paygate.services.log_out import log_out

    config = configured()
    with database(config) as opened:
        found = visitor_of(config, opened)
        if found is not None:
            house = house_over(config, opened)
            act = replace(operators_act("logout"), actor=found.staff.actor)
            house.db.act(log_out, act, found)
    _path(config).unlink(missing_ok=True)
    say("logged out", as_json=as_json, was=None if found is None else found.staff.email)


def acting_staff(config: Config, opened: EngineDatabase, command: str) -> tuple[Visitor, Act]:
    """Return who is logged in on this command line, and an act of his; or end the command."""
    found = visitor_of(config, opened)
    if found is None:
        raise problems(("this needs a person: paygate login EMAIL",))
    return found, replace(operators_act(command), actor=found.staff.actor)


def visitor_of(config: Config, opened: EngineDatabase) -> Visitor | None:
    """Return who is logged in on this command line, if anybody is."""
    from paygate.bootstrap import house_over
    from paygate.services.find_session import find_session

    try:
        token = str(json.loads(_read_own(_path(config)))["token"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    now = operators_act("session").now
    return find_session(house_over(config, opened), token, kind=SessionKind.CLI, now=now)


def _factors() -> tuple[str, str]:
    """Return password and code, from the environment, or else from whoever types."""
    given = os.environ.get(PASSWORD_VARIABLE), os.environ.get(CODE_VARIABLE)
    if given[0] is not None and given[1] is not None:
        return given[0], given[1]
    if sys.stdin.isatty():
        return getpass.getpass("Password: "), click.prompt("Code", err=True)
    return tuple(sys.stdin.readline().rstrip("\r\n") for _ in range(2))  # type: ignore[return-value]  # two lines


def _path(config: Config) -> Path:
    given = os.environ.get(PATH_VARIABLE)
    if given:
        return Path(given)
    address = sa.make_url(config.gateway.database_url)
    if address.get_backend_name() == "sqlite" and address.database:
        return Path(address.database).parent / FILE
    return Path("var") / FILE


def _keep(path: Path, text: str) -> None:
    """Write *text* for the owner alone, also where the file was there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    # By one descriptor: between two openings somebody could put a link to a place of his there.
    made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, OWNER_ALONE)
    with os.fdopen(made, "w", encoding="utf-8") as file:
        file.write(text)


def _read_own(path: Path) -> str:
    """Return what we kept there.

    Raises:
        OSError: there is none, or it is a link, or another's, or others may read it: whoever laid
            it there would have us act under his name.
    """
    opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(opened, encoding="utf-8") as file:
        about = os.fstat(file.fileno())
        if about.st_uid != os.geteuid() or stat.S_IMODE(about.st_mode) & ~OWNER_ALONE:
            raise PermissionError(f"{path} is not ours alone")
        return file.read(FILE_CHARACTERS_MAX)


def _me() -> str:
    return getpass.getuser()
