"""The one module that names everything concrete, and puts it together."""

from __future__ import annotations

import flask
import sqlalchemy as sa
import structlog
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from paygate.config import Account, Config
from paygate.domain.clock import Clock, SystemClock
from paygate.domain.ids import AccountCode, Ids, RandomIds
from paygate.house import House, Merchant, Merchants
from paygate.http import access, headers, limits, problems, rate
from paygate.http.context import Context, install, request_id
from paygate.settings import SettingsError, read_settings
from paygate.store import account_states
from paygate.store.account_states import AccountState
from paygate.store.engine import Database, EngineDatabase
from paygate.web import api, checkout, errors, health, metrics, waiting
from paygate.web.desk import errors as desk_errors
from paygate.web.desk import routes as desk_routes
from providers import registry, transport
from providers.conformance.suite import Verdict
from providers.conformance.suite import run as run_suite
from providers.contract import Emulator, EmulatorPlace, Rail
from providers.values import complete
from webhooks import views as webhook_views

log = structlog.get_logger()
line_to_rails = transport.make_send()
STATIC_KEPT_S = 3_600  # style and fonts may be an hour old after an upgrade
API_PATHS = ("/v1/", "/webhooks/")


def configuration(*, demo: bool = False) -> Config:
    """Return the configuration with every account built once.

    Raises:
        SettingsError: with every problem, those of the rails' settings included.
    """
    return read_settings(
        demo=demo, check_account=lambda account: _account_problems(account, demo=demo)
    )


def open_house(config: Config) -> House:
    """Open the database, and build the merchant accounts with their lines to the rails."""
    return house_over(config, EngineDatabase(config.gateway.database_url))


def house_over(config: Config, database: Database) -> House:
    """Return the house over a *database* that its caller opened, and closes."""
    return House(
        db=database,
        vault=config.vault,
        merchants=merchants_of(config),
        quick_passwords=config.gateway.quick_passwords,
    )


def merchants_of(config: Config) -> Merchants:
    """Return every configured account with the adapter of its rail, in the file's order."""
    return {
        AccountCode(each.code): Merchant(
            account=each,
            provider=registry.build(each.rail, each.settings),
            send=transport.make_send(total_s=registry.timeout_s(each.rail, each.settings)),
        )
        for each in config.accounts
    }


def emulators(config: Config, *, base_url: str) -> dict[str, Emulator]:
    """Return the rail's own side of every account, as the sandbox at *base_url* plays it."""
    gateway = config.gateway.base_url
    return {
        each.code: registry.emulate(
            each.rail,
            each.settings,
            EmulatorPlace(
                base_url=f"{base_url}/{each.code}",
                callback_url=f"{gateway}/webhooks/{each.code}",
                return_url=f"{gateway}/return/{each.code}",
            ),
        )
        for each in config.accounts
    }


def check_rail(code: str) -> list[Verdict]:
    """Return what the conformance suite says of a rail; ValueError where there is none."""
    return run_suite(registry.find(code))


def meet_accounts(tx: sa.Connection, config: Config, clock: Clock) -> None:
    """Write down the accounts that are configured.

    Raises:
        SettingsError: with every account that the file has lost or moved to another rail, though
            a rail may still speak of what was paid there.
    """
    for each in config.accounts:
        state = AccountState(
            code=AccountCode(each.code),
            rail=each.rail,
            offered=True,
            first_seen_at=clock.now(),
        )
        account_states.meet(tx, state)
    problems_found = lost_accounts(tx, config)
    if problems_found:
        raise SettingsError(problems_found)


def lost_accounts(tx: sa.Connection, config: Config) -> list[str]:
    """Return what the file has lost or moved to another rail of the accounts that were used."""
    rails = {each.code: each.rail for each in config.accounts}
    found = [
        f"account {code}: has attempts or money; keep it with enabled = false"
        for code in account_states.used(tx)
        if code not in rails
    ]
    return found + [
        f"account {known.code}: is of rail {known.rail}; give {rails[known.code]} another code"
        for known in account_states.every(tx)
        if rails.get(known.code, known.rail) != known.rail
    ]


def cautions(account: Account) -> list[str]:
    """Return what the account does without because a setting is empty, by its rail's own words."""
    found = []
    for setting in registry.find(account.rail).info.settings:
        _, empty, cost = setting.meaning.partition("empty: ")
        if empty and not any(account.settings.get(setting.name, ())):
            found.append(f"{setting.name} is empty: {cost}")
    return found


def addresses(account: Account) -> dict[str, str]:
    """Return where the account's rail is spoken to: each setting that holds an address."""
    given = complete(registry.find(account.rail).info.settings, account.settings)
    return {
        name: value
        for name, values in given.items()
        for value in values
        if value.startswith(("https://", "http://"))
    }


def reach(url: str) -> None:
    """Connect and speak TLS, and send nothing; NotSentError says how far we came."""
    transport.reach(url)


def create_app(
    config: Config, house: House, *, clock: Clock | None = None, ids: Ids | None = None
) -> flask.Flask:
    """Return the web application: the portals' API, the citizens' pages, the rails' door."""
    app = flask.Flask("paygate.web")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = STATIC_KEPT_S
    # An address with a slash too many is none of ours, and never a redirect to the caller's Host.
    app.url_map.merge_slashes = False
    install(
        app,
        Context(house=house, config=config, clock=clock or SystemClock(), ids=ids or RandomIds()),
    )
    for module in (api, checkout, waiting, desk_routes, health, webhook_views):
        app.register_blueprint(module.blueprint)
    if config.gateway.metrics_token is not None:
        app.register_blueprint(metrics.blueprint)
    for look in (access.begin, limits.refuse_unstorable, rate.refuse_hasty_citizen):
        app.before_request(look)
    app.after_request(access.note)
    https = not config.gateway.demo
    app.after_request(lambda response: headers.secure(response, https=https))
    app.register_error_handler(Exception, _answer_error)
    if config.gateway.trusted_proxies:
        hops = config.gateway.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]  # as Flask documents it
    return app


def _answer_error(error: Exception) -> flask.typing.ResponseReturnValue:
    """Answer programs with a problem and people with a page; surprises are logged, never shown."""
    error = rate.count_miss(error)
    expected = isinstance(error, HTTPException) or problems.is_refusal(error)
    if not expected:
        log.error("request_failed", request_id=request_id(), exc_info=error)
    if flask.request.path.startswith(API_PATHS):
        return problems.answer_to(error)
    if desk_errors.is_of_desk(flask.request.path):
        return desk_errors.desk_page_for(error)
    return errors.page_for(error)


def _account_problems(account: Account, *, demo: bool) -> list[str]:
    try:
        rail = registry.find(account.rail)
    except ValueError as error:
        return [str(error)]
    exposed = _exposed(rail, account, demo=demo)
    try:
        rail.build(account.settings)
    except ValueError as error:
        return list(dict.fromkeys([*exposed, str(error)]))
    return exposed


def _exposed(rail: Rail, account: Account, *, demo: bool) -> list[str]:
    """Return what a real gateway must not have: secrets in the file, rails without TLS."""
    secret = {each.name for each in rail.info.settings if each.secret}
    found = [
        f"{name}: a secret must be env:NAME or file:PATH"
        for name in sorted(secret & account.in_clear)
    ]
    if not demo:
        found += [
            f"{name}: must be https"
            for name, given in account.settings.items()
            if any(each.strip().lower().startswith("http:") for each in given)
        ]
    return found
