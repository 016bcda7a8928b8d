"""How HTML mails look: one small style sheet in the company's colours, and the same written into each element.

Templates use classes alone. Mail programs that read no style sheet get the declarations in `style` attributes when the
mail leaves (`dressed`); the back office shows it without them, under a content policy that knows the sheet's hash.
"""

from __future__ import annotations

import base64
import hashlib
import re

from markupsafe import Markup

from webapp.core.branding_css import DARK_CARD, ON_DARK, ON_LIGHT, WHITE, ink_upon, parse_colour, readable, to_hex
from webapp.core.company import CompanyProfile

FONT = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
SHEET = re.compile(r"<style>(.*?)</style>", re.DOTALL)
RULE = re.compile(r"^\.([a-z-]+) {([^}]*)}$", re.MULTILINE)
CLASSES = re.compile(r'\sclass="([a-z -]+)"')
DRESSED = re.compile(r'(\sclass="[a-z -]+") style="[^"]*"')
DARK = "@media (prefers-color-scheme: dark)"


def style_sheet(company: CompanyProfile) -> Markup:
    """The style sheet of a mail of this company: one rule a line, then those for dark screens."""
    main = parse_colour(company.primary_colour)
    link, dark_link = to_hex(readable(main, WHITE, ON_LIGHT)), to_hex(readable(main, DARK_CARD, ON_DARK))
    rules = {
        "mail-body": f"margin: 0; padding: 0; background-color: #f3f4f6; color: #1f2937; font-family: {FONT};",
        "mail-outer": "width: 100%; background-color: #f3f4f6;",
        "mail-inner": "width: 100%; max-width: 600px; margin: 0 auto;",
        "mail-hidden": "display: none; max-height: 0; overflow: hidden; font-size: 1px; line-height: 1px;",
        "mail-head": f"padding: 28px 28px 16px; font-family: {FONT}; font-size: 19px; font-weight: 600; color: #1f2937;",
        "mail-logo": "height: 40px; width: auto; border: 0; margin-right: 10px; vertical-align: middle;",
        "mail-card": f"padding: 32px 28px; background-color: #ffffff; border-top: 4px solid {to_hex(main)}; "
        f"border-radius: 6px; font-family: {FONT}; font-size: 16px; line-height: 1.55; color: #1f2937;",
        "mail-title": "margin: 0 0 16px; font-size: 22px; line-height: 1.3; font-weight: 600; color: #111827;",
        "mail-text": "margin: 0 0 16px;",
        "mail-note": "margin: 24px 0 0; font-size: 14px; line-height: 1.5; color: #4b5563;",
        "mail-button-cell": f"border-radius: 6px; background-color: {to_hex(main)};",
        "mail-button": f"display: inline-block; padding: 12px 22px; border-radius: 6px; background-color: {to_hex(main)}; "
        f"color: {to_hex(ink_upon(main))}; font-family: {FONT}; font-size: 16px; font-weight: 600; text-decoration: none;",
        "mail-link": f"color: {link}; text-decoration: underline; word-break: break-all;",
        "mail-code": "display: inline-block; padding: 10px 16px; border-radius: 6px; background-color: #f3f4f6; "
        "font-family: ui-monospace, Consolas, Menlo, monospace; font-size: 22px; letter-spacing: 3px; color: #111827;",
        "mail-facts": "width: 100%; margin: 0 0 16px; border-collapse: collapse;",
        "mail-fact-name": "padding: 6px 16px 6px 0; font-size: 15px; text-align: left; vertical-align: top; color: #4b5563; "
        "font-weight: 400; white-space: nowrap;",
        "mail-fact": "padding: 6px 0; font-size: 15px; text-align: left; vertical-align: top; width: 100%;",
        "mail-foot": f"padding: 20px 28px 36px; font-family: {FONT}; font-size: 13px; line-height: 1.5; color: #4b5563;",
        "mail-foot-text": "margin: 0 0 6px;",
    }
    dark = {
        "mail-body": "background-color: #1a1a1a !important; color: #e5e7eb !important;",
        "mail-outer": "background-color: #1a1a1a !important;",
        "mail-head": "color: #e5e7eb !important;",
        "mail-logo": "padding: 3px; border-radius: 6px; background-color: #ffffff !important;",
        "mail-card": f"background-color: {to_hex(DARK_CARD)} !important; color: #e5e7eb !important;",
        "mail-title": "color: #f9fafb !important;",
        "mail-note": "color: #b6bcc6 !important;",
        "mail-link": f"color: {dark_link} !important;",
        "mail-code": "background-color: #1a1a1a !important; color: #f9fafb !important;",
        "mail-fact-name": "color: #b6bcc6 !important;",
        "mail-foot": "color: #b6bcc6 !important;",
    }
    light = "\n".join(f".{name} {{{style}}}" for name, style in rules.items())
    night = "\n".join(f"  .{name} {{{style}}}" for name, style in dark.items())
    return Markup(f"\n:root {{color-scheme: light dark;}}\n{light}\n{DARK} {{\n{night}\n}}\n")  # noqa: S704 - colours are parsed


def dressed(html: str) -> str:
    """The mail as it leaves: each element that has classes has their declarations too."""
    found = SHEET.search(html)
    if found is None:
        return html
    styles = dict(RULE.findall(found[1].partition(DARK)[0]))

    def written_in(match: re.Match[str]) -> str:
        declarations = " ".join(styles[name] for name in match[1].split() if name in styles)
        return f'{match[0]} style="{declarations}"' if declarations else match[0]

    return CLASSES.sub(written_in, html)


def undressed(html: str) -> str:
    """The mail as it was before `dressed`: its style sheet alone says how it looks."""
    return DRESSED.sub(r"\1", html)


def preview_policy(html: str) -> str:
    """The content policy under which a mail is shown in a frame of this site: nothing but its own style sheet and images."""
    found = SHEET.search(html)
    styles = f"'sha256-{base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()}'" if found else "'none'"
    return (
        f"default-src 'none'; style-src {styles}; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox"
    )
