"""Cases: a rail is what it says it is."""

# ruff: noqa: D103  # a case is named as a test is: by the sentence that it proves
from __future__ import annotations

import sys
from pathlib import Path

from providers.conformance.source import compared_openly
from providers.conformance.stage import Case, Problems, Stage
from providers.contract import AnswersQueries, Refunds

LETTERS_MAX = 4
REFERENCE_CHARS = 20  # of every attempt_ref


def capabilities_are_the_methods(stage: Stage) -> Problems:
    can, claimed = isinstance(stage.provider, AnswersQueries), stage.provider.capabilities
    if claimed.query is not can:
        yield f"query is {claimed.query}, and ask_status is there: {can}"
    can = isinstance(stage.provider, Refunds)
    if (claimed.refund_full or claimed.refund_partial) is not can:
        yield f"refunds are claimed or denied, and ask_refund is there: {can}"
    if claimed.refund_query is not can:
        yield f"refund_query is {claimed.refund_query}, and ask_refund_status is there: {can}"


def capabilities_make_sense(stage: Stage) -> Problems:
    limits = stage.provider.capabilities
    if not 0 < limits.minimum.dong <= limits.maximum.dong:
        yield f"amounts from {limits.minimum} to {limits.maximum}"
    if limits.reference_max < REFERENCE_CHARS:
        yield f"our references have {REFERENCE_CHARS} characters, not {limits.reference_max}"
    if limits.session.total_seconds() <= 0:
        yield "a session without time"


def the_rail_has_one_name(stage: Stage) -> Problems:
    info = stage.rail.info
    if stage.provider.info != info:
        yield "the adapter and the rail give different names"
    if not (info.code.isascii() and info.code.isalnum() and info.code.islower()):
        yield f"{info.code!r} is no code"
    for letters in (
        info.letters,
        *(each.letters for each in stage.provider.capabilities.bank_choices),
    ):
        if not 0 < len(letters) <= LETTERS_MAX:
            yield f"{letters!r} does not fit on the tile"


def every_needed_setting_is_named_when_missing(stage: Stage) -> Problems:
    for setting in stage.rail.info.settings:
        if setting.default is not None:
            continue
        values = {
            name: value for name, value in stage.rehearsal.values.items() if name != setting.name
        }
        try:
            stage.rail.build(values)
        except ValueError as error:
            if setting.name not in str(error):
                yield f"without {setting.name}: {error}"
        else:
            yield f"built without {setting.name}"


def secrets_do_not_show(stage: Stage) -> Problems:
    shown = repr(stage.provider)
    for setting in stage.rail.info.settings:
        for value in stage.rehearsal.values.get(setting.name, ()):
            if setting.secret and value in shown:
                yield f"{setting.name} shows in repr"


def signatures_are_compared_in_constant_time(stage: Stage) -> Problems:
    """Look for `==` between digests in the folder of the adapter, which no run could show."""
    module = sys.modules[type(stage.provider).__module__]
    for path in sorted(Path(str(module.__file__)).parent.glob("*.py")):
        for line in compared_openly(path.read_text(encoding="utf-8")):
            yield f"{path.name}, line {line}: a signature is compared with == or !="


CASES: tuple[Case, ...] = (
    capabilities_are_the_methods,
    capabilities_make_sense,
    the_rail_has_one_name,
    every_needed_setting_is_named_when_missing,
    secrets_do_not_show,
    signatures_are_compared_in_constant_time,
)
