"""A page as its tags and words, read strictly."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "link", "input", "path", "rect", "circle"}
Attributes = dict[str, str | None]


class Outline(HTMLParser):
    """Reads a page strictly: what is opened is closed, in order; keeps tags and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.still_open: list[str] = []
        self.tags: list[tuple[str, Attributes]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.still_open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.still_open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.still_open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        """Return the words of the page, single spaces between them."""
        return " ".join(" ".join(self.words).split())

    def named(self, name: str) -> list[Attributes]:
        """Return the attributes of every tag of that *name*."""
        return [attributes for tag, attributes in self.tags if tag == name]

    def hrefs(self) -> list[str]:
        """Return where the links of the page lead."""
        return [str(each["href"]) for each in self.named("a")]
