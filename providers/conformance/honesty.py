"""Cases: a rail is what it says it is."""

# ruff: noqa: D103  # a case is named as a test is: by the sentence that it proves
from __future__ import annotations

from providers.conformance.stage import Case, Problems, Stage
from providers.contract import AnswersQueries

LETTERS_MAX = 4
REFERENCE_CHARS = 20  # of every attempt_ref


def capabilities_are_the_methods(stage: Stage) -> Problems:
    can = isinstance(stage.provider, AnswersQueries)
    if stage.provider.capabilities.query is not can:
        yield f"query is {stage.provider.capabilities.query}, and ask_status is there: {can}"


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
    if not 0 < len(info.letters) <= LETTERS_MAX:
        yield f"{info.letters!r} does not fit on the tile"


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


CASES: tuple[Case, ...] = (
    capabilities_are_the_methods,
    capabilities_make_sense,
    the_rail_has_one_name,
    every_needed_setting_is_named_when_missing,
    secrets_do_not_show,
)
