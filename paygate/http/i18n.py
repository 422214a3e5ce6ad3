"""The two languages of the citizen's pages: source strings are Vietnamese, English is a catalogue.

The catalogue is compiled in memory when the process starts; no compiled file lies in git.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path

from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from paygate.domain.clock import in_vietnam

LOCALE = Path(__file__).with_name("locale")
ACCEPT_MAX = 200  # characters of an Accept-Language header that are read: browsers send 30 to 60

Say = Callable[[str], str]
"""Returns the text of a Vietnamese source string in one language."""


class Language(StrEnum):
    """A language in which citizens can read every page."""

    VI = "vi"
    EN = "en"


def translate(language: Language, msgid: str) -> str:
    """Return *msgid*, which is Vietnamese, in *language*."""
    return msgid if language is Language.VI else _ENGLISH.gettext(msgid)


def speaker(language: Language) -> Say:
    """Return `translate` for one *language*; pages and templates call it `say`."""
    return partial(translate, language)


def mark(msgid: str) -> str:
    """Return *msgid* as it is: a table holds it, and `say` gets it later.

    What reads the source for the catalogue knows both names.
    """
    return msgid


def choose_language(
    *, query: str | None, cookie: str | None, order: str | None, accept: str | None
) -> Language:
    """Return the language of a page.

    What the citizen chose comes first (*query*, then *cookie*), then what the portal asked for,
    then what the browser prefers, then Vietnamese.
    """
    for wish in (query, cookie, order):
        if wish in set(Language):
            return Language(wish)
    header = (accept or "")[:ACCEPT_MAX]
    best = parse_accept_header(header, LanguageAccept).best_match([each.value for each in Language])
    return Language(best) if best else Language.VI


def moment(language: Language, instant: datetime) -> str:
    """Return *instant* for a sentence, by Vietnam's clock: `16:45 ngày 28/09/2022`.

    English spells the month out, for many of its readers put it before the day.
    """
    local = in_vietnam(instant)
    if language is Language.VI:
        return f"{local:%H:%M} ngày {local:%d/%m/%Y}"
    return format_datetime(local, "HH:mm 'on' d MMMM y", locale="en")


def stamp(instant: datetime) -> str:
    """Return *instant* for a row of figures, by Vietnam's clock: `28/09/2022 16:31`."""
    return f"{in_vietnam(instant):%d/%m/%Y %H:%M}"


def hour(instant: datetime) -> str:
    """Return the time of day of *instant*, by Vietnam's clock: `16:31:40`."""
    return f"{in_vietnam(instant):%H:%M:%S}"


def _read(path: Path) -> gettext.GNUTranslations:
    with path.open("rb") as text:
        catalogue = read_po(text, locale="en", abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


_ENGLISH = _read(LOCALE / "en.po")
