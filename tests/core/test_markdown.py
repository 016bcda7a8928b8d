"""Markdown: what people write becomes text, lists, tables, code and links, and never a script, a frame or a picture."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

import pytest
from flask import Flask

from webapp.core.markdown import markdown, under_title


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("# One\n\n##### Five", "<h3>One</h3>\n<h6>Five</h6>\n"),
        ("a *b* **c** ~~d~~ `e`", "<p>a <em>b</em> <strong>c</strong> <s>d</s> <code>e</code></p>\n"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        ("3. three", '<ol start="3">\n<li>three</li>\n</ol>\n'),
        ("```python\nx < 1\n```", "<pre><code>x &lt; 1\n</code></pre>\n"),
        (
            '[site](https://example.com "T")',
            '<p><a href="https://example.com" title="T" rel="noopener noreferrer nofollow">site</a></p>\n',
        ),
    ],
)
def test_markdown_becomes_html(written: str, shown: str) -> None:
    assert str(markdown(written)) == shown


def test_a_table_is_a_table() -> None:
    assert "<th>a</th>" in markdown("| a | b |\n|---|---|\n| 1 | 2 |")


@pytest.mark.parametrize(
    "written",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&#58;alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "<javascript:alert(1)>",
        "![x](https://elsewhere.example/pixel.png)",
        "<iframe src='https://elsewhere.example'></iframe>",
        "<a href='javascript:alert(1)' onclick='x()'>x</a>",
        "<style>body{display:none}</style>",
        '[x](https://a.example/" onmouseover="alert(1))',
        '```"><script>alert(1)</script>\nx\n```',
        "[a]: javascript:alert(1)\n\n[a]",
    ],
)
def test_nothing_that_runs_or_calls_elsewhere_is_left(written: str) -> None:
    html = str(markdown(written))
    for tag in re.findall(r"<[^>]*>", html):
        assert not re.match(r"<(script|img|iframe|style|svg|object|form)", tag, re.IGNORECASE), html
        assert not re.search(r"\son\w+\s*=|(javascript|vbscript|data):", tag, re.IGNORECASE), html


@pytest.mark.parametrize(
    "written",
    [
        "write to anna@client.it",
        "<anna@client.it>",
        "[Anna](mailto:anna@client.it)",
        "[Anna](mailto:anna%40client.it)",
        "anna&#64;client.it",
        "anna\\@client.it",
        "`anna@client.it`",
        "[x](https://client.it/?to=anna@client.it)",
        "*anna*@client.it, **anna@client.it**",
        "anna@**client**.it",
    ],
)
def test_without_addresses_no_e_mail_address_is_left(app: Flask, written: str) -> None:
    assert "client" in markdown(written)
    html = markdown(written, addresses=False)
    assert "anna@client.it" not in unquote(unescape(str(html)))
    assert "anna@client.it" not in html.striptags()


def test_what_is_no_address_stays_without_addresses(app: Flask) -> None:
    assert (
        markdown("at 3 @ 5 €, see [site](https://client.it/a)", addresses=False).striptags() == "at 3 @ 5 €, see site"
    )


def test_below_a_title_the_highest_heading_is_of_the_second_level() -> None:
    assert under_title(markdown("## One\n\n### Two\n\ntext")) == "<h2>One</h2>\n<h3>Two</h3>\n<p>text</p>\n"
    assert under_title(markdown("no <h5>heading</h5>")) == "<p>no &lt;h5&gt;heading&lt;/h5&gt;</p>\n"
