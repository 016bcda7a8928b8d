"""The page of a rendered document without anything that runs: no script, no style, no form, nothing from elsewhere."""

from __future__ import annotations

import re

import nh3

PLAIN = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del", "details", "div", "dl",
    "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark",
    "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "u", "ul", "var",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title"}, "img": {"src", "alt", "title", "width", "height"}, "ol": {"start"},
    "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}, "col": {"span"}, "colgroup": {"span"},
}  # fmt: skip
# what colours code; any other class could dress a document up as a page of the house
COLOURS = {
    "c", "c1", "ch", "cm", "cp", "cs", "err", "gd", "ge", "gh", "gi", "go", "gp", "gr", "gs", "gt", "gu", "il", "k", "kc",
    "kd", "kn", "kp", "kr", "kt", "m", "mb", "mf", "mh", "mi", "mo", "n", "na", "nb", "nc", "nd", "ne", "nf", "ni", "nl",
    "nn", "no", "nt", "nv", "nx", "o", "ow", "p", "s", "s1", "s2", "sa", "sb", "sc", "sd", "se", "sh", "si", "sr", "ss",
    "sx", "vc", "vg", "vi",
}  # fmt: skip
CLASSES = {"span": COLOURS, "div": {"highlight", "jp-Cell", "jp-OutputArea"}, "table": {"dataframe"}}
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
LINK = re.compile(r"(?:https?://|mailto:|#)", re.IGNORECASE)


def cleaned(html: str) -> str:
    """The HTML that a person may be shown on a page of the house, whoever wrote the document."""
    return nh3.clean(
        html,
        tags=PLAIN,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        attribute_filter=_kept,
        url_schemes={"http", "https", "mailto", "data"},
        clean_content_tags={"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def _kept(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if PICTURE.fullmatch(value) else None
    if tag == "a" and name == "href":
        return value if LINK.match(value) else None
    return value
