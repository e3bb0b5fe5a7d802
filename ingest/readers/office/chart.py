"""The figures behind a chart of Office, as rows: what each category comes to in each series."""

from collections.abc import Iterator
from typing import Any

from ingest.readers.office.number_format import shown

_Series = tuple[str, dict[int, str], dict[int, str]]  # name, categories, values


def lines(space: Any) -> Iterator[str]:
    """The chart's title, then its rows; series with the same categories share theirs."""
    if title := _text(space.find("{*}chart/{*}title")):
        yield title
    axis = next((text for name in ("catAx", "dateAx") for text in _titles(space, name)), "")
    series = [_series(each) for each in space.iter("{*}ser")]
    while series:
        categories = series[0][1]
        together = [each for each in series if each[1] == categories or not each[1]]
        series = [each for each in series if each not in together]
        yield from _rows(axis, categories, together)


def _rows(axis: str, categories: dict[int, str], series: list[_Series]) -> Iterator[str]:
    named = any(name for name, _, _ in series)
    for at in sorted(set(categories).union(*(values for _, _, values in series))):
        figures = [f"{name}: {values[at]}" if name else values[at] for name, _, values in series if at in values]
        category = categories.get(at, "")
        parts = [f"{axis}: {category}" if axis and named and category else category, "; ".join(figures)]
        yield ("; " if named else ": ").join(filter(None, parts))


def _series(element: Any) -> _Series:
    name = element.find("{*}tx")
    texts = " ".join(each.text or "" for each in name.iter("{*}v")) if name is not None else ""
    categories = _points(element, "cat") or _points(element, "xVal")
    return " ".join(texts.split()), categories, _points(element, "val") or _points(element, "yVal")


def _points(series: Any, name: str) -> dict[int, str]:
    """What stands at each place; of categories in groups, the group before the category."""
    source = series.find(f"{{*}}{name}")
    if source is None:
        return {}
    levels = list(source.iter("{*}lvl"))
    if levels:
        return _grouped([_cached(level, "") for level in levels])
    code = next((each.text or "" for each in source.iter("{*}formatCode")), "")
    return _cached(source, code)


def _grouped(levels: list[dict[int, str]]) -> dict[int, str]:
    out = dict(levels[0])
    for level in levels[1:]:
        group = ""
        for at in sorted(set(out) | set(level)):
            group = level.get(at, group)
            if at in out and group:
                out[at] = f"{group} {out[at]}"
    return out


def _cached(source: Any, code: str) -> dict[int, str]:
    out = {}
    for point in source.iter("{*}pt"):
        value = " ".join((point.findtext("{*}v") or "").split())
        place = point.get("idx", "")
        if value and place.isdecimal():
            out[int(place)] = _number(value, point.get("formatCode") or code)
    return out


def _number(value: str, code: str) -> str:
    try:
        return shown(float(value), code) if code else value
    except ValueError:
        return value


def _titles(space: Any, axis: str) -> Iterator[str]:
    for each in space.iter(f"{{*}}{axis}"):
        if text := _text(each.find("{*}title")):
            yield text


def _text(element: Any) -> str:
    parts = (
        [each.text or "" for name in ("t", "v") for each in element.iter(f"{{*}}{name}")] if element is not None else []
    )
    return " ".join("".join(parts).split())
