"""Reads `paygate.toml` and the environment; tells every problem at once, and starts nothing.

The path of the file stands in `PAYGATE_CONFIG`; `PAYGATE_GATEWAY__DATABASE_URL` and the like
override it. Secrets are never written into the file: it names them, `env:NAME` or `file:PATH`.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from paygate import config
from paygate.domain.fee_rule import FeeRuleUse
from paygate.domain.origin import origin_of

PATH_VARIABLE = "PAYGATE_CONFIG"
DEFAULT_PATH = "paygate.toml"
MASTER_KEY_BYTES = 32
STAND_IN = "stand-in"  # for what was found bad, so that the rest can be looked at
_REFERENCES = ("env:", "file:")
_PARTS = frozenset({"gateway", "account"})
CheckAccount = Callable[[config.Account], list[str]]
"""Returns what is wrong with an account whose settings could be read; names come first."""
TOKEN_LENGTH_MIN = 24  # characters, so that nobody guesses it
M = TypeVar("M", bound="_Part")
Often = Annotated[int, Field(ge=1, le=1_000_000)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class SettingsError(Exception):
    """The configuration cannot be used; each problem is one line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    stand_ins: ClassVar[dict[str, Any]] = {}


class _MasterKey(_Part):
    kid: Code
    key: str


class _Limits(_Part):
    portal_writes_per_s: Often = 50
    citizen_starts_per_minute: Often = 120
    order_starts_per_minute: Often = 10
    misses_per_minute: Often = 60
    logins_per_minute: Often = 30


class _Gateway(_Part):
    stand_ins: ClassVar[dict[str, Any]] = {
        "base_url": STAND_IN,
        "support_phone": "000",
        "master_keys": [{"kid": "k", "key": STAND_IN}],
        "index_key": STAND_IN,
    }
    base_url: str
    database_url: str = "sqlite:///var/paygate.db"
    support_phone: Annotated[str, Field(pattern=r"^[0-9 +().-]{3,30}$")]
    order_ends_s: Annotated[int, Field(ge=300, le=31 * 86_400)] = 86_400
    fee_rules: FeeRuleUse = FeeRuleUse.NOTE
    court_notice_days: Annotated[int, Field(ge=1, le=60)] = 7
    listen: Annotated[str, Field(pattern=r"^[0-9.]+:[0-9]{1,5}$")] = "127.0.0.1:8080"
    processes: Annotated[int, Field(ge=1, le=64)] = 2
    threads: Annotated[int, Field(ge=1, le=128)] = 8
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = 0
    egress_proxy: Annotated[str, Field(pattern=r"^[a-z0-9.-]+:[0-9]{1,5}$")] | None = None
    metrics_token: str | None = None
    limits: _Limits = _Limits()
    quick_passwords: bool = False
    master_keys: Annotated[list[_MasterKey], Field(min_length=1)]
    index_key: str


class _Account(_Part):
    stand_ins: ClassVar[dict[str, Any]] = dict.fromkeys(
        ("code", "rail", "label_vi", "label_en"), STAND_IN
    )
    code: Code
    rail: Code
    label_vi: str
    label_en: str
    portals: list[str] = []
    agencies: list[str] = []
    enabled: bool = True
    settings: dict[str, str | int | list[str]] = {}


class _File(BaseSettings):
    """The shape of it all; each part is then read by itself."""

    model_config = SettingsConfigDict(
        env_prefix="PAYGATE_",
        env_nested_delimiter="__",
        extra="forbid",
        hide_input_in_errors=True,
    )
    gateway: _Gateway
    account: list[_Account] = []


def read_settings(
    *, demo: bool = False, check_account: CheckAccount = lambda _: []
) -> config.Config:
    """Return the configuration of this process; *check_account* says what its rail refuses.

    Raises:
        SettingsError: with every problem that was found.
    """
    given = _given()
    problems = [f"{name}: paygate has no such part" for name in given if name not in _PARTS]
    gateway, bad = _read(_Gateway, given.get("gateway", {}), "gateway", problems)
    listed = given.get("account", [])
    if not isinstance(listed, list):
        problems.append("account: must be a list, [[account]]")
        listed = []
    made = config.Config(
        gateway=_gateway(gateway, bad, problems, demo=demo),
        vault=_vault(gateway, bad, problems),
        accounts=tuple(
            _account(raw, number, problems, check_account)
            for number, raw in enumerate(listed, start=1)
        ),
    )
    codes = Counter(
        str(each["code"]) for each in listed if isinstance(each, dict) and "code" in each
    )
    problems += [f"account {code}: named twice" for code, times in codes.items() if times > 1]
    if problems:
        raise SettingsError(problems)
    return made


def _given() -> dict[str, Any]:
    """Return what the file says, and over it what the environment says."""
    path = Path(os.environ.get(PATH_VARIABLE, DEFAULT_PATH))
    if not path.is_file():
        raise SettingsError([f"there is no {path}: name yours in {PATH_VARIABLE}"])
    try:
        given = TomlConfigSettingsSource(_File, toml_file=path)()
        over = EnvSettingsSource(_File)()
    except (OSError, ValueError) as error:  # TOML or JSON that cannot be read
        raise SettingsError([f"{path}: {error}"]) from None
    _lay_over(given, over)
    return given


def _lay_over(given: dict[str, Any], over: Mapping[str, Any]) -> None:
    """Put what *over* names into *given*, part by part, and leave the rest of each part."""
    for name, value in over.items():
        known = given.get(name)
        if isinstance(known, dict) and isinstance(value, dict):
            _lay_over(known, value)
        else:
            given[name] = value


def _read(model: type[M], raw: object, place: str, problems: list[str]) -> tuple[M, set[str]]:
    """Return what is good in *raw*, and the names for which stand-ins had to be put.

    The rest is checked all the same, so that nobody meets one problem behind the other.
    """
    try:
        return model.model_validate(raw), set()
    except ValidationError as error:
        found = error.errors()
    problems += [_sentence(place, each) for each in found]
    bad = {str(each["loc"][0]) if each["loc"] else "" for each in found}
    good = {
        name: value
        for name, value in (raw.items() if isinstance(raw, dict) else ())
        if name in model.model_fields and name not in bad
    }
    return model.model_validate(model.stand_ins | good), bad


def _gateway(
    gateway: _Gateway, bad: set[str], problems: list[str], *, demo: bool
) -> config.Gateway:
    base_url = gateway.base_url.rstrip("/")
    if "base_url" in bad:
        pass  # told already
    elif origin_of(base_url) != base_url:
        problems.append("gateway.base_url: not an address such as https://pay.example.vn")
    elif not demo and not base_url.startswith("https://"):
        problems.append("gateway.base_url: must be https")
    elif demo and not base_url.startswith("http://127.0.0.1:"):
        problems.append("gateway.base_url: the demo runs on http://127.0.0.1 only")
    if gateway.quick_passwords and not demo:
        problems.append("gateway.quick_passwords: for tests, and never on a real gateway")
    if not _is_database(gateway.database_url):
        problems.append("gateway.database_url: must be sqlite:/// or postgresql+psycopg://")
    return config.Gateway(
        base_url=base_url,
        database_url=gateway.database_url,
        support_phone=gateway.support_phone,
        order_ends_s=gateway.order_ends_s,
        fee_rules=gateway.fee_rules,
        court_notice_days=gateway.court_notice_days,
        listen=gateway.listen,
        processes=gateway.processes,
        threads=gateway.threads,
        trusted_proxies=gateway.trusted_proxies,
        egress_proxy=gateway.egress_proxy,
        metrics_token=_metrics_token(gateway.metrics_token, problems),
        limits=config.Limits(**gateway.limits.model_dump()),
        quick_passwords=gateway.quick_passwords,
        demo=demo,
    )


def _metrics_token(reference: str | None, problems: list[str]) -> str | None:
    place = "gateway.metrics_token"
    if reference is None:
        return None
    if not reference.startswith(_REFERENCES):
        problems.append(f"{place}: must be env:NAME or file:PATH, not the token itself")
        return None
    token = _resolve(place, reference, problems)
    if token and (len(token) < TOKEN_LENGTH_MIN or not token.isascii() or len(token.split()) > 1):
        problems.append(f"{place}: must have {TOKEN_LENGTH_MIN} ASCII characters or more, no blank")
    return token


def _is_database(url: str) -> bool:
    try:
        return sa.make_url(url).drivername in {"sqlite", "postgresql+psycopg"}
    except sa.exc.ArgumentError:
        return False


def _vault(gateway: _Gateway, bad: set[str], problems: list[str]) -> config.Vault:
    keys = tuple(
        config.MasterKey(
            kid=each.kid, key=_key(f"gateway.master_keys.{each.kid}", each.key, problems)
        )
        for each in ([] if "master_keys" in bad else gateway.master_keys)
    )
    if len({each.kid for each in keys}) != len(keys):
        problems.append("gateway.master_keys: a kid stands twice")
    told = "index_key" in bad
    index_key = b"" if told else _key("gateway.index_key", gateway.index_key, problems)
    return config.Vault(keys=keys, index_key=index_key)


def _key(place: str, reference: str, problems: list[str]) -> bytes:
    if not reference.startswith(_REFERENCES):
        problems.append(f"{place}: must be env:NAME or file:PATH, not the key itself")
        return b""
    text = _resolve(place, reference, problems)
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if text and (len(key) != MASTER_KEY_BYTES or len(set(key)) == 1):
        problems.append(f"{place}: must be the base64 of 32 random bytes")
    return key


def _account(raw: object, number: int, problems: list[str], check: CheckAccount) -> config.Account:
    code = raw.get("code") if isinstance(raw, dict) else None
    place = f"account {code if isinstance(code, str) else number}"
    account, bad = _read(_Account, raw, place, problems)
    values: dict[str, tuple[str, ...]] = {}
    in_clear: set[str] = set()
    unread: set[str] = set()
    for name, value in account.settings.items():
        given = value if isinstance(value, list) else [str(value)]
        found: list[str] = []
        values[name] = tuple(
            _resolve(f"{place}: {name}", each, found) or STAND_IN if each else "" for each in given
        )
        if found:
            unread.add(name)
        if not all(each.startswith(_REFERENCES) for each in given):
            in_clear.add(name)
        problems += found
    made = config.Account(
        code=account.code,
        rail=account.rail,
        label_vi=account.label_vi,
        label_en=account.label_en,
        portals=tuple(account.portals),
        agencies=tuple(account.agencies),
        enabled=account.enabled,
        settings=values,
        in_clear=frozenset(in_clear),
    )
    refused = [] if bad & {"", "rail", "settings"} else check(made)
    # What a stand-in is refused for is no news.
    problems += [f"{place}: {each}" for each in refused if each.partition(":")[0] not in unread]
    return made


def _resolve(place: str, value: str, problems: list[str]) -> str:
    """Return *value*, or what the reference in it names."""
    kind, _, name = value.partition(":")
    if kind == "env":
        found = os.environ.get(name, "")
        if not found:
            problems.append(f"{place}: the environment has no {name}")
        return found
    if kind == "file":
        return _secret_file(place, Path(name), problems)
    return value


def _secret_file(place: str, path: Path, problems: list[str]) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        problems.append(f"{place}: {path} cannot be read")
        return ""
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        problems.append(f"{place}: {path} must be readable by its owner alone (chmod 600)")
    if not text:
        problems.append(f"{place}: {path} is empty")
    return text


def _sentence(place: str, error: Mapping[str, Any]) -> str:
    return f"{'.'.join((place, *map(str, error['loc'])))}: {str(error['msg']).lower()}"
