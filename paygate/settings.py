"""Reads `paygate.toml` and the environment; tells every problem at once, and starts nothing.

The path of the file stands in `PAYGATE_CONFIG`; `PAYGATE_GATEWAY__DATABASE_URL` and the like
override it. Secrets are never written into the file: it names them, `env:NAME` or `file:PATH`.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from paygate import config
from paygate.domain.origin import origin_of

PATH_VARIABLE = "PAYGATE_CONFIG"
DEFAULT_PATH = "paygate.toml"
MASTER_KEY_BYTES = 32
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class SettingsError(Exception):
    """The configuration cannot be used; each problem is one line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class _MasterKey(_Part):
    kid: Code
    key: str


class _Gateway(_Part):
    base_url: str
    database_url: str = "sqlite:///var/paygate.db"
    support_phone: Annotated[str, Field(pattern=r"^[0-9 +().-]{3,30}$")]
    order_ends_s: Annotated[int, Field(ge=300, le=31 * 86_400)] = 86_400
    listen: Annotated[str, Field(pattern=r"^[0-9.]+:[0-9]{1,5}$")] = "127.0.0.1:8080"
    processes: Annotated[int, Field(ge=1, le=64)] = 2
    threads: Annotated[int, Field(ge=1, le=128)] = 8
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = 0
    master_keys: Annotated[list[_MasterKey], Field(min_length=1)]
    index_key: str


class _Account(_Part):
    code: Code
    rail: Code
    label_vi: str
    label_en: str
    portals: list[str] = []
    agencies: list[str] = []
    enabled: bool = True
    settings: dict[str, str | int | list[str]] = {}


class _File(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="PAYGATE_",
        env_nested_delimiter="__",
        extra="forbid",
        hide_input_in_errors=True,
    )
    gateway: _Gateway
    account: list[_Account] = []

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del init_settings, dotenv_settings, file_secret_settings
        path = Path(os.environ.get(PATH_VARIABLE, DEFAULT_PATH))
        return env_settings, TomlConfigSettingsSource(settings_cls, toml_file=path)


def read_settings(*, demo: bool = False) -> config.Config:
    """Return the configuration as values.

    Only `paygate demo` passes *demo*: with it http on loopback is allowed.

    Raises:
        SettingsError: with every problem that was found.
    """
    path = Path(os.environ.get(PATH_VARIABLE, DEFAULT_PATH))
    if not path.is_file():
        raise SettingsError([f"there is no {path}: name yours in {PATH_VARIABLE}"])
    try:
        file = _File()  # type: ignore[call-arg]  # its sources fill it
    except ValidationError as error:
        raise SettingsError([_sentence(each) for each in error.errors()]) from None
    except ValueError as error:  # TOML that cannot be read
        raise SettingsError([f"{path}: {error}"]) from None
    problems: list[str] = []
    made = config.Config(
        gateway=_gateway(file.gateway, problems, demo=demo),
        vault=_vault(file.gateway, problems),
        accounts=tuple(_account(each, problems) for each in file.account),
    )
    codes = [each.code for each in made.accounts]
    problems += [f"account {code}: named twice" for code in set(codes) if codes.count(code) > 1]
    if problems:
        raise SettingsError(problems)
    return made


def _gateway(gateway: _Gateway, problems: list[str], *, demo: bool) -> config.Gateway:
    base_url = gateway.base_url.rstrip("/")
    if origin_of(base_url) != base_url:
        problems.append("gateway.base_url: not an address such as https://pay.example.vn")
    elif not demo and not base_url.startswith("https://"):
        problems.append("gateway.base_url: must be https")
    elif demo and not base_url.startswith("http://127.0.0.1:"):
        problems.append("gateway.base_url: the demo runs on http://127.0.0.1 only")
    return config.Gateway(
        base_url=base_url,
        database_url=gateway.database_url,
        support_phone=gateway.support_phone,
        order_ends_s=gateway.order_ends_s,
        listen=gateway.listen,
        processes=gateway.processes,
        threads=gateway.threads,
        trusted_proxies=gateway.trusted_proxies,
        demo=demo,
    )


def _vault(gateway: _Gateway, problems: list[str]) -> config.Vault:
    keys = tuple(
        config.MasterKey(
            kid=each.kid, key=_key(f"gateway.master_keys.{each.kid}", each.key, problems)
        )
        for each in gateway.master_keys
    )
    if len({each.kid for each in keys}) != len(keys):
        problems.append("gateway.master_keys: a kid stands twice")
    return config.Vault(keys=keys, index_key=_key("gateway.index_key", gateway.index_key, problems))


def _key(place: str, reference: str, problems: list[str]) -> bytes:
    if not reference.startswith(("env:", "file:")):
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


def _account(account: _Account, problems: list[str]) -> config.Account:
    values: dict[str, tuple[str, ...]] = {}
    named: dict[str, bool] = {}
    for name, value in account.settings.items():
        place = f"account.{account.code}.settings.{name}"
        given = value if isinstance(value, list) else [str(value)]
        values[name] = tuple(_resolve(place, each, problems) for each in given)
        named[name] = all(each.startswith(("env:", "file:")) for each in given)
    return config.Account(
        code=account.code,
        rail=account.rail,
        label_vi=account.label_vi,
        label_en=account.label_en,
        portals=tuple(account.portals),
        agencies=tuple(account.agencies),
        enabled=account.enabled,
        settings=values,
        in_clear=frozenset(name for name, is_named in named.items() if not is_named),
    )


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


def _sentence(error: Mapping[str, Any]) -> str:
    place = ".".join(str(each) for each in error["loc"])
    return f"{place}: {str(error['msg']).lower()}"
