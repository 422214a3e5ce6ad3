"""Cases: what was not signed as it stands is refused, and what was is not."""

# ruff: noqa: D103  # a case is named as a test is: by the sentence that it proves
from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator

from providers.conformance.stage import OTHER_KEY, Case, Problems, Stage, read
from providers.contract import Fields

TEXTS = (
    "",
    "Thanh toán lệ phí",
    "Thanh toa\u0301n le\u0323\u0302 phi\u0301",
    "a+b&c=d%20e%é;f#g",
    'hai "dấu nháy" \\ và <thẻ>',
    "cuối cùng |",
)


def a_signed_callback_is_read_in_every_form(stage: Stage) -> Problems:
    for code in stage.rehearsal.meanings:
        fields = stage.signed(stage.sample(code))
        seen = {form: read(stage.provider, stage.arrival(fields, form)) for form in stage.forms}
        for form, reports in seen.items():
            if isinstance(reports, str):
                yield f"{form}, code {code}: {reports}"
            elif reports != seen[stage.forms[0]]:
                yield f"{form}, code {code}: another report than {stage.forms[0]}"


def every_changed_character_is_refused(stage: Stage) -> Problems:
    """Change all of one message, and something in each field of one with every other code."""
    names = stage.rehearsal.names
    for turn, code in enumerate(stage.rehearsal.meanings):
        fields = stage.signed(stage.sample(code))
        for place, (name, value) in enumerate(fields):
            if name in names.signed or name == names.signature:
                for other in itertools.islice(_neighbours(value), 1 if turn else None):
                    yield from _accepted(
                        stage, _put(fields, place, other), f"code {code}, {name}={other!r}"
                    )


def every_dropped_field_is_refused_or_was_empty(stage: Stage) -> Problems:
    for code in stage.rehearsal.meanings:
        fields = stage.signed(stage.sample(code), {stage.rehearsal.names.text: ""})
        whole = read(stage.provider, stage.arrival(fields, stage.forms[0]))
        for place, (name, value) in enumerate(fields):
            without = fields[:place] + fields[place + 1 :]
            if value:
                yield from _accepted(stage, without, f"without {name}")
            elif read(stage.provider, stage.arrival(without, stage.forms[0])) != whole:
                yield f"without the empty {name}: another report"


def every_repeated_field_is_refused(stage: Stage) -> Problems:
    fields = stage.signed()
    for name, value in fields:
        for again in (value, f"{value}1"):
            yield from _accepted(stage, (*fields, (name, again)), f"{name} twice")
            yield from _accepted(stage, ((name, again), *fields), f"{name} twice")


def the_order_of_fields_tells_nothing(stage: Stage) -> Problems:
    fields = stage.signed()
    for form in stage.forms:
        in_order = read(stage.provider, stage.arrival(fields, form))
        if read(stage.provider, stage.arrival(fields[::-1], form)) != in_order:
            yield f"{form}: reversed, another report"


def foreign_fields_are_never_used(stage: Stage) -> Problems:
    fields = stage.signed()
    for form in stage.forms:
        plain = read(stage.provider, stage.arrival(fields, form))
        with_more = (("utm_source", "a&b"), *fields, ("amount", "1"), ("", ""))
        if read(stage.provider, stage.arrival(with_more, form)) != plain:
            yield f"{form}: fields that nobody signed change the report"


def a_weaker_signature_is_refused(stage: Stage) -> Problems:
    fields, (name, good) = stage.unsigned(), stage.signed()[-1]
    weak = {
        "empty": "",
        "shortened": good[:-1],
        "its half": good[: len(good) // 2],
        "lengthened": f"{good}0",
        "spaced": f" {good}",
        "another algorithm": hashlib.md5(good.encode(), usedforsecurity=False).hexdigest(),
        "zeros": "0" * len(good),
        "full-width digits": good.translate({48 + each: 0xFF10 + each for each in range(10)}),
        "another key": stage.rehearsal.sign(fields, OTHER_KEY)[-1][1],
        "no key": stage.rehearsal.sign(fields, "")[-1][1],
    }
    for kind, signature in weak.items():
        yield from _accepted(stage, (*fields, (name, signature)), kind)
    yield from _accepted(stage, fields, "no signature")


def hexadecimal_is_read_in_both_cases(stage: Stage) -> Problems:
    *fields, (name, signature) = stage.signed()
    if not all(each in "0123456789abcdefABCDEF" for each in signature):
        return  # not hexadecimal: then it is compared exactly
    for other in (signature.upper(), signature.lower()):
        reports = read(stage.provider, stage.arrival((*fields, (name, other)), stage.forms[0]))
        if isinstance(reports, str):
            yield f"{other}: {reports}"


def any_text_survives_the_way(stage: Stage) -> Problems:
    for text in TEXTS:
        fields = stage.signed(changed={stage.rehearsal.names.text: text})
        for form in stage.forms:
            reports = read(stage.provider, stage.arrival(fields, form))
            if isinstance(reports, str):
                yield f"{form}, {text!r}: {reports}"


def a_border_between_fields_cannot_be_moved(stage: Stage) -> Problems:
    """Cut one signed text anew, where a separator stands in its last field and where none does."""
    fields = stage.signed()
    for place in range(len(fields) - 2):
        (name, value), (after, following) = fields[place : place + 2]
        moved = _put(fields, place, f"{value}{following[:1]}")
        if following:
            yield from _accepted(stage, _put(moved, place + 1, following[1:]), f"{name} | {after}")
    names = stage.rehearsal.names
    for glue in ("|", "&", "."):
        *parts, last = stage.signed(changed={names.text: f"a{glue}b"})
        values = [value for _, value in parts]
        for place in range(len(values) - 2):
            joined = f"{values[place]}{glue}{values[place + 1]}"
            shifted = [*values[:place], joined, *values[place + 2 : -1], "a", "b"]
            cut_anew = tuple((name, value) for (name, _), value in zip(parts, shifted, strict=True))
            yield from _accepted(stage, (*cut_anew, last), f"{glue!r} at {parts[place][0]}")


def keys_rotate_with_overlap(stage: Stage) -> Problems:
    old = stage.signed()
    new = stage.rehearsal.sign(stage.unsigned(), OTHER_KEY)
    both = stage.rail.build(stage.with_keys(OTHER_KEY, stage.key))
    after = stage.rail.build(stage.with_keys(OTHER_KEY))
    for name, provider, fields, good in (
        ("overlap, old key", both, old, True),
        ("overlap, new key", both, new, True),
        ("afterwards, old key", after, old, False),
        ("afterwards, new key", after, new, True),
    ):
        reports = read(provider, stage.arrival(fields, stage.forms[0]))
        if (reports == "bad signature") is good:
            yield f"{name}: {'refused' if good else 'accepted'}"


CASES: tuple[Case, ...] = (
    a_signed_callback_is_read_in_every_form,
    every_changed_character_is_refused,
    every_dropped_field_is_refused_or_was_empty,
    every_repeated_field_is_refused,
    the_order_of_fields_tells_nothing,
    foreign_fields_are_never_used,
    a_weaker_signature_is_refused,
    hexadecimal_is_read_in_both_cases,
    any_text_survives_the_way,
    a_border_between_fields_cannot_be_moved,
    keys_rotate_with_overlap,
)


def _accepted(stage: Stage, fields: Fields, what: str) -> Problems:
    """Yield a problem for each form in which *fields* are not refused as badly signed."""
    for form in stage.forms:
        if read(stage.provider, stage.arrival(fields, form)) != "bad signature":
            yield f"{form}, {what}: not refused"


def _neighbours(value: str) -> Iterator[str]:
    for place, each in enumerate(value):
        other = "1" if each != "1" else "2"
        yield f"{value[:place]}{other}{value[place + 1 :]}"
        yield f"{value[:place]}{value[place + 1 :]}"
    yield f"{value}0"
    yield f"{value} "


def _put(fields: Fields, place: int, value: str) -> Fields:
    return (*fields[:place], (fields[place][0], value), *fields[place + 1 :])
