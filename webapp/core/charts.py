"""Charts as Vega-Lite specifications: plain dicts that charts.js draws in the page under the strict content policy.

A point carries `key` (unique), `label`, `value` (for drawing), `text` (the figure as people read it) and `url` (where a
click on it leads). The looks come from `chart_settings`, for light and dark; numbers on axes follow the language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypedDict

Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
FALLBACK = "#206bc4"
LEAST_CONTRAST = 3.0  # WCAG 2.2, 1.4.11: graphical objects
BANDS = {"paddingInner": 0.25, "paddingOuter": 0.1}
PAPER = {"light": "#ffffff", "dark": "#262626"}

NUMBERS = {
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]},
    "it": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", ""]},
}


class Point(TypedDict):
    """One mark of a chart."""

    key: str
    label: str
    value: float
    text: str
    url: str


class Part(Point):
    """One part of a bar; `rank` is its place in the bar, from below."""

    part: str
    rank: int


class Cell(Point):
    """One mark of a heat map: its column and its row, each as the axis names it."""

    column: str
    row: str


def bars(points: Sequence[Point], *, title: str) -> Spec:
    """Upright bars in the order of the points; `title` names the figure."""
    return {
        **_frame(points),
        "height": 240,
        "mark": {"type": "bar", "cornerRadiusEnd": 3, "cursor": "pointer"},
        "encoding": {
            "x": {
                "field": "label",
                "type": "ordinal",
                "sort": None,
                "scale": BANDS,
                "axis": {"title": None, "labelAngle": 0, "labelOverlap": True, "labelSeparation": 10, "grid": False},
            },
            "y": {
                "field": "value",
                "type": "quantitative",
                "axis": {"title": None, "format": "~s", "tickCount": 5},
            },
            "tooltip": _tooltip(title),
            **_focus(),
        },
    }


def stacked_bars(points: Sequence[Part], *, parts: Sequence[str], title: str) -> Spec:
    """Upright bars in the order of the points, each made of `parts`; the drawing says them by depth of the colour as well."""
    spec = bars(points, title=title)
    depths = [0.25 + 0.75 * place / max(len(parts) - 1, 1) for place in range(len(parts))]
    spec["encoding"]["opacity"] = {
        "field": "part",
        "type": "ordinal",
        "scale": {"domain": list(parts), "range": depths},
        "legend": {"title": None, "orient": "bottom"},
    }
    spec["encoding"]["order"] = {"field": "rank", "type": "quantitative"}
    spec["encoding"]["tooltip"] = [*_tooltip(title), {"field": "part", "type": "nominal", "title": " "}]
    return spec


class Mark(TypedDict):
    """Something that happened in the period of a point with that `label`. `kind` is its word, `shape` how it is drawn."""

    label: str
    kind: str
    shape: str
    text: str
    url: str


def with_former(spec: Spec, points: Sequence[Point], *, title: str) -> Spec:
    """Upright bars with a dashed line of another time, each point of it over the bar with its label; `title` names it.

    Labels without a bar come where their order in `points` puts them.
    """
    if not points:
        return spec
    series = [{**point, "series": title} for point in points]
    labels = _merged([point["label"] for point in points], _labels(spec))
    axis = {"title": None}
    line = {
        "data": {"values": series},
        "mark": {"type": "line", "strokeWidth": 1.5, "point": {"filled": True, "size": 20}, "cursor": "pointer"},
        "encoding": {
            "x": {"field": "label", "type": "ordinal"},
            "y": {"field": "value", "type": "quantitative", "axis": axis},
            "strokeDash": {
                "field": "series",
                "type": "nominal",
                "scale": {"domain": [title], "range": [[5, 3]]},
                "legend": {"title": None, "orient": "bottom", "symbolType": "stroke", "symbolSize": 400},
            },
            "tooltip": [{"field": name, "type": "nominal", "title": " "} for name in ("series", "text")],
        },
    }
    drawn = {name: value for name, value in spec.items() if name not in ("mark", "encoding")}
    return {**drawn, "layer": [_of_labels(spec, labels), line]}


def _labels(spec: Spec) -> list[str]:
    """The labels of upright bars, in their order."""
    first: Spec = (spec.get("layer") or [spec])[0]
    told = first["encoding"]["x"].get("scale", {}).get("domain")
    return list(told or dict.fromkeys(point["label"] for point in spec["data"]["values"]))


def _merged(some: Sequence[str], others: Sequence[str]) -> list[str]:
    """The labels of both, each list in its own order."""
    found: list[str] = []
    rest = list(dict.fromkeys(some))
    for label in others:
        if label in rest:
            found += rest[: rest.index(label)]
            rest = rest[rest.index(label) + 1 :]
        found.append(label)
    return list(dict.fromkeys([*found, *rest]))


def _of_labels(spec: Spec, labels: Sequence[str]) -> Spec:
    """The bars as a layer, over the labels."""
    first: Spec = (spec.get("layer") or [spec])[0]
    encoding = {**first["encoding"], "x": {**first["encoding"]["x"], "scale": {**BANDS, "domain": list(labels)}}}
    return {"mark": first["mark"], "encoding": encoding}


def with_marks(spec: Spec, marks: Sequence[Mark]) -> Spec:
    """Upright bars with a rule, a sign on top of it and a tooltip for each mark whose period they show."""
    periods = _labels(spec)
    shown = [mark for mark in marks if mark["label"] in set(periods)]
    if not shown:
        return spec
    drawn = {name: value for name, value in spec.items() if name not in ("mark", "encoding")}
    kinds = {mark["kind"]: mark["shape"] for mark in shown}
    place = {"field": "label", "type": "ordinal"}
    said = [{"field": name, "type": "nominal", "title": " "} for name in ("label", "kind", "text")]
    shape = {
        "field": "kind",
        "type": "nominal",
        "scale": {"domain": list(kinds), "range": list(kinds.values())},
        "legend": {"title": None, "orient": "bottom"},
    }
    drawn["layer"] = [
        _of_labels(spec, periods),
        *spec.get("layer", [])[1:],
        {
            "data": {"values": shown},
            "encoding": {"x": place, "tooltip": said},
            "layer": [
                {"mark": {"type": "rule", "strokeWidth": 1.5, "strokeDash": [4, 3], "cursor": "pointer"}},
                {
                    "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1, "cursor": "pointer"},
                    "encoding": {"y": {"value": 0}, "shape": shape},
                },
            ],
        },
    ]
    return drawn


def ranking(points: Sequence[Point], *, title: str) -> Spec:
    """Lying bars in the order of the points, each under its name and its figure: legible in a narrow column too."""
    row = {"field": "key", "type": "nominal", "sort": None, "axis": None, "scale": {"padding": 0.1}}
    line = {"type": "text", "baseline": "middle", "yOffset": -8, "cursor": "pointer", "fontSize": 12.5}
    return {
        **_frame(points),
        "height": 38 * max(len(points), 1),
        "encoding": {"y": row, "tooltip": _tooltip(title)},
        "layer": [
            {
                "mark": {"type": "rect", "opacity": 0, "cursor": "pointer"},
                "encoding": {"x": {"value": 0}, "x2": {"value": "width"}},
            },
            {
                "mark": {"type": "bar", "height": 8, "yOffset": 8, "cornerRadius": 3, "cursor": "pointer"},
                "encoding": {"x": {"field": "value", "type": "quantitative", "axis": None}, **_focus()},
            },
            {
                "mark": {**line, "align": "left", "limit": {"expr": "width - 120"}},
                "encoding": {"x": {"value": 0}, "text": {"field": "label"}},
            },
            {
                "mark": {**line, "align": "right", "fontWeight": 600},
                "encoding": {"x": {"value": "width"}, "text": {"field": "text"}},
            },
        ],
    }


def heat_map(cells: Sequence[Cell], *, columns: Sequence[str], rows: Sequence[str], title: str) -> Spec:
    """A field for each pair of column and row, the deeper the more; pairs without a cell stay empty."""
    axis = {"title": None, "grid": False, "ticks": False, "domain": False}
    return {
        **_frame(cells),
        "height": 30 * len(rows),
        "mark": {"type": "rect", "cornerRadius": 3, "cursor": "pointer"},
        "encoding": {
            "x": {
                "field": "column",
                "type": "ordinal",
                "scale": {"domain": list(columns), "padding": 0.06},
                "axis": {**axis, "labelAngle": 0, "labelOverlap": True},
            },
            "y": {
                "field": "row",
                "type": "ordinal",
                "scale": {"domain": list(rows), "padding": 0.06},
                "axis": axis,
            },
            "color": {
                "field": "value",
                "type": "quantitative",
                "scale": {"range": "heatmap"},
                "legend": {"title": None, "orient": "bottom", "format": "~s", "gradientThickness": 8, "tickCount": 4},
            },
            "tooltip": _tooltip(title),
            **_focus(),
        },
    }


def chart_settings(colour: str, language: str) -> dict[str, Any]:
    """What all charts of a page share: Vega's `light` and `dark` configuration in the company's colour, and `numbers`."""
    looks = {mode: _look(mode, colour) for mode in PAPER}
    return {**looks, "numbers": NUMBERS.get(language, NUMBERS["en"])}


def legible(colour: str, paper: str) -> str:
    """`colour` (#rrggbb), moved towards black or white until it stands out from `paper`; no colour: the house's blue."""
    shade = colour if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else FALLBACK
    ink = "#000000" if _luminance(paper) > 0.5 else "#ffffff"
    for part in range(11):
        mixed = _mix(shade, ink, part / 10)
        if _contrast(mixed, paper) >= LEAST_CONTRAST:
            return mixed
    return ink


def _frame(points: Sequence[Point]) -> Spec:
    return {
        "$schema": SCHEMA,
        "width": "container",
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"values": list(points)},
        "params": [{"name": "focused", "value": ""}],
    }


def _tooltip(title: str) -> list[Spec]:
    return [{"field": "label", "type": "nominal", "title": " "}, {"field": "text", "type": "nominal", "title": title}]


def _focus() -> Spec:
    """The mark that the keyboard stands on has an outline."""
    return {"strokeWidth": {"condition": {"test": "datum.key === focused", "value": 3}, "value": 0}}


def _look(mode: str, colour: str) -> Spec:
    paper = PAPER[mode]
    ink, soft, line = ("#1f2937", "#5c6470", "#e6e8ec") if mode == "light" else ("#e5e7eb", "#a9b1bc", "#3d3d3d")
    shade = legible(colour, paper)
    return {
        "background": None,
        "font": FONT,
        "padding": 0,
        "view": {"stroke": None},
        "mark": {"color": shade},
        "bar": {"color": shade, "stroke": ink},
        "rect": {"color": shade, "stroke": ink},
        "text": {"color": ink, "font": FONT},
        "rule": {"color": ink},
        "line": {"color": ink},
        "point": {"color": ink},
        "range": {"heatmap": [_mix(shade, paper, 0.9), _mix(shade, paper, 0.45), shade]},
        "axis": {
            "labelColor": soft,
            "titleColor": soft,
            "labelFontSize": 12,
            "gridColor": line,
            "domain": False,
            "tickColor": line,
            "ticks": False,
            "labelPadding": 8,
        },
        "legend": {"labelColor": soft, "titleColor": soft, "labelFontSize": 12},
    }


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mix(colour: str, other: str, share: float) -> str:
    """`colour` with `share` of `other` in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _luminance(colour: str) -> float:
    """Relative luminance, 0 to 1. Source: WCAG 2.2, relative luminance."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
