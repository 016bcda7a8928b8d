"""Markdown: texts that people write, as HTML that holds nothing but text, lists, tables, code and links."""

from __future__ import annotations

import re
from functools import cache

import nh3
from flask import Flask
from flask_babel import gettext
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from webapp.core.security import current_actor

TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+(?:@|%40|&#(?:64|x40);)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
DESCRIPTION = 160
HIGHEST = 3  # the page has its own first two levels of headings


def markdown(text: str, *, addresses: bool = True, ours: bool = False) -> Markup:
    """The HTML of a text. Raw HTML stays text, pictures become their words, headings begin at the third level.

    Without `addresses` whoever reads it sees no e-mail address, however it was written. `ours`: it is the company's own,
    whose links search engines may follow, to telephone numbers too.
    """
    shown = text if addresses else _without_addresses(text)
    schemes = SCHEMES | {"tel"} if ours else SCHEMES
    html = nh3.clean(
        _parser().render(shown),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=schemes if addresses else schemes - {"mailto"},
        link_rel="noopener" if ours else "noopener noreferrer nofollow",
    )
    if not addresses:
        html = _without_addresses(html)
        plain = Markup(html).striptags()  # noqa: S704 - cleaned above
        if ADDRESS.search(plain):  # one that emphasis ran through
            return Markup("<p>{}</p>").format(_without_addresses(plain))
    return Markup(html)  # noqa: S704 - cleaned above


def under_title(html: Markup) -> Markup:
    """The same HTML with its highest heading at the second level: for a text that stands alone below a page's title."""
    levels = [int(level) for level in re.findall(r"<h([2-6])>", html)]
    up = min(levels, default=2) - 2
    lifted = re.sub(r"<(/?)h([2-6])>", lambda found: f"<{found[1]}h{int(found[2]) - up}>", html)
    return Markup(lifted)  # noqa: S704 - as clean as it was


def in_one_line(text: str) -> str:
    """A text without its marks, in one line."""
    return " ".join(markdown(text).striptags().split())


def shortened(words: str, longest: int = DESCRIPTION) -> str:
    """The words, cut at a blank where they are longer: what search engines show of a page."""
    return words if len(words) <= longest else words[: longest - 1].rsplit(" ", 1)[0] + "…"


def set_up_markdown(app: Flask) -> None:
    """Give templates the filter `markdown`; who is not signed in reads no e-mail address in what it makes."""
    app.jinja_env.filters["markdown"] = lambda text: markdown(text, addresses=current_actor().signed_in)


def _without_addresses(text: str) -> str:
    return ADDRESS.sub(gettext("(e-mail address)"), text)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    parser.core.ruler.push("lower_headings", lambda state: _lower(state.tokens))
    return parser


def _lower(tokens: list[Token]) -> None:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + HIGHEST - 1, 6)}"
