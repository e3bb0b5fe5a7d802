"""The colours of a slide as its theme names them, and which of them can be read on which ground."""

import colorsys
from collections.abc import Mapping
from typing import Any

from PIL import ImageColor
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn

from ui.original.typeset import Colour

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
_LEAST = 3.0  # contrast that letters of this size need
_ROLES = {"bg1": "lt1", "bg2": "lt2", "tx1": "dk1", "tx2": "dk2"}


class Palette:
    """The colours of a slide's theme, by the names that its shapes use."""

    def __init__(self, slide: Any) -> None:
        master = slide.slide_layout.slide_master
        named = master.element.find(qn("p:clrMap"))
        own = slide.element.find(f"{qn('p:clrMapOvr')}/{qn('a:overrideClrMapping')}")
        self._roles: Mapping[str, str] = {**_ROLES, **dict(named.attrib if named is not None else {})}
        self._roles = {**self._roles, **dict(own.attrib if own is not None else {})}
        self._theme = _theme(master)

    def named(self, name: str) -> Colour | None:
        """A colour of the theme, as "accent1" or "bg1"."""
        return self._theme.get(self._roles.get(name, name))

    def of(self, fill: Any) -> Colour | None:
        """The colour that an element holds: that of a plain fill, or the first of a gradient; None where it has none
        or can be seen through."""
        for element in () if fill is None else fill.iter():
            colour = self._plain(element)
            if colour is not None:
                alpha = element.find(qn("a:alpha"))
                return None if alpha is not None and _share(alpha) < 0.5 else _changed(colour, element)
        return None

    def _plain(self, element: Any) -> Colour | None:
        value = element.get("val", "")
        match _name(element):
            case "srgbClr":
                return _hex(value)
            case "sysClr":
                return _hex(element.get("lastClr", ""))
            case "schemeClr":
                return self.named(value)
            case "prstClr":
                return _hex(str(ImageColor.colormap.get(value.lower(), "")))
        return None


def _theme(master: Any) -> dict[str, Colour]:
    try:
        scheme = parse_xml(master.part.part_related_by(RT.THEME).blob).find(f".//{qn('a:clrScheme')}")
    except (KeyError, SyntaxError):  # there is none, or it is no XML
        scheme = None
    found: dict[str, Colour] = {}
    for each in () if scheme is None else scheme:
        for colour in each if isinstance(each.tag, str) else ():
            if value := _hex(colour.get("lastClr") or colour.get("val") or ""):
                found[_name(each)] = value
    return {"lt1": WHITE, "dk1": BLACK} | found


def _name(element: Any) -> str:
    """What an element is called, without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _hex(value: str) -> Colour | None:
    digits = value.lstrip("#")
    try:
        return (int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)) if len(digits) == 6 else None
    except ValueError:
        return None


def _changed(colour: Colour, element: Any) -> Colour:
    """A colour made lighter or darker, as its element says."""
    hue, light, full = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    for change in element:
        match _name(change):
            case "lumMod" | "shade":
                light *= _share(change)
            case "lumOff":
                light += _share(change)
            case "tint":
                light = 1 - (1 - light) * _share(change)
    red, green, blue = colorsys.hls_to_rgb(hue, min(max(light, 0.0), 1.0), full)
    return round(red * 255), round(green * 255), round(blue * 255)


def _share(element: Any) -> float:
    value = element.get("val", "100000")
    try:
        return float(value.rstrip("%")) / (100 if value.endswith("%") else 100_000)
    except ValueError:
        return 1.0


def legible(colour: Colour | None, ground: Colour) -> Colour:
    """The colour itself where it can be read on this ground, else black or white."""
    if colour is not None and _contrast(colour, ground) >= _LEAST:
        return colour
    return max((BLACK, WHITE), key=lambda each: _contrast(each, ground))


def _contrast(one: Colour, other: Colour) -> float:
    """How far two colours are apart, by the rule of the WCAG: from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
                        for part in (each / 255 for each in colour))  # fmt: skip
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
