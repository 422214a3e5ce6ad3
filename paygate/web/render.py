"""Makes HTML of a page."""

from __future__ import annotations

from typing import Protocol

import flask
from markupsafe import Markup

from paygate.http.i18n import Language, speaker
from paygate.web.pages import Frame


class Page(Protocol):
    """What a template can render."""

    @property
    def frame(self) -> Frame: ...


def render(template: str, page: Page) -> str:
    """Return the HTML of *page* in the language that its frame names."""
    language = page.frame.language
    return flask.render_template(
        template,
        page=page,
        frame=page.frame,
        say=speaker(language),
        # Names that came to us in Vietnamese say so to readers aloud on a page that is not.
        foreign=Markup("") if language is Language.VI else Markup(' lang="vi"'),
    )
