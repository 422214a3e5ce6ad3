"""What stands around every page of the desk, and how a page becomes HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

import flask

from paygate.domain.staff import Role
from paygate.http.context import context
from paygate.http.i18n import Language, Say, speaker, stamp
from paygate.web.desk.access import roles_for
from paygate.web.desk.door import known_guest
from paygate.web.desk.words import role_name
from paygate.web.language import keep_language, page_language

DASH = " \N{EN DASH} "


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of the desk."""

    url: str
    text: str
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFrame:
    """What stands around a page."""

    language: Language
    title: str
    name: str | None  # who is logged in
    roles: str
    tabs: tuple[Tab, ...]
    csrf: str = field(repr=False)
    at: str  # the moment that the figures are of
    vi_url: str
    en_url: str


class DeskPage(Protocol):
    """What a template of the desk can render."""

    @property
    def frame(self) -> DeskFrame: ...


def desk_say() -> Say:
    """Return the voice of the language that the running request asks for."""
    return speaker(page_language(None))


def desk_frame(heading: str, *, mistaken: bool = False) -> DeskFrame:
    """Return the frame of the page of the running request that *heading* heads."""
    language = page_language(None)
    say = speaker(language)
    found = known_guest()
    title = DASH.join((heading, say("Bàn kế toán")))
    roles = () if found is None else tuple(r for r in Role if r in found.visitor.roles)
    return DeskFrame(
        language=language,
        title=say("Lỗi: {title}").format(title=title) if mistaken else title,
        name=None if found is None else found.visitor.staff.name,
        roles=", ".join(role_name(say, each) for each in roles),
        tabs=_tabs(say, frozenset(roles)),
        csrf="" if found is None else found.csrf,
        at=stamp(context().clock.now()),
        vi_url=_here_in(Language.VI),
        en_url=_here_in(Language.EN),
    )


def draw(template: str, page: DeskPage, *, status: int = 200) -> flask.Response:
    """Return *page* as HTML."""
    language = page.frame.language
    text = flask.render_template(
        f"desk/{template}", page=page, frame=page.frame, say=speaker(language)
    )
    response = flask.Response(text, status=status, mimetype="text/html")
    return keep_language(response, language)


def _tabs(say: Say, roles: frozenset[Role]) -> tuple[Tab, ...]:
    path = flask.request.path
    named = [
        ("/desk", say("Tổng quan")),
        ("/desk/orders", say("Đơn thu phí")),
        ("/desk/cases", say("Vụ việc")),
        ("/desk/staff", say("Nhân sự")),
    ]
    return tuple(
        Tab(url, text, path == url or (url != "/desk" and path.startswith(f"{url}/")))
        for url, text in named
        if not roles.isdisjoint(roles_for(url))
    )


def _here_in(language: Language) -> str:
    """Return the query of this page in *language*: its filters stay."""
    kept = [(k, v) for k, v in flask.request.args.items(multi=True) if k != "lang"]
    return "?" + urlencode([*kept, ("lang", language.value)])
