"""Numbers of a spreadsheet as it shows them: dates, shares, amounts, by the code of their cell's format. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

# The formats that have a number in place of a code.
_BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "$#,##0", 6: "$#,##0", 7: "$#,##0.00", 8: "$#,##0.00",
    9: "0%", 10: "0.00%", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00",
    41: "#,##0", 42: "#,##0", 43: "#,##0.00", 44: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss",
    **dict.fromkeys((*range(27, 32), 36, *range(50, 59)), "yyyy-mm-dd"), **dict.fromkeys((32, 33, 34, 35), "h:mm"),
    **dict.fromkeys((34, 35, 55, 56), "yyyy-mm-dd"),
}  # fmt: skip
_UNSHOWN = re.compile(r"_.|\*.|\[(?!\$|h+\]|m+\]|s+\])[^\]]*\]", re.IGNORECASE)  # room, filling, colours, conditions
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]\-]*)[^\]]*\]')
_DIGITS = re.compile(r"[#0?][#0?,.]*")
_FIRST, _FIRST_1904, _LAST = datetime(1899, 12, 30), datetime(1904, 1, 1), 2_958_466  # days up to the year 9999


@dataclass(frozen=True, slots=True)
class Format:
    """What a code says. `moment` holds the letters of the parts of a date and a time that are shown."""

    moment: frozenset[str] = frozenset()
    elapsed: bool = False
    percent: bool = False
    decimals: int | None = None
    thousands: bool = False
    width: int = 0  # digits before the point that are shown even if they are zero
    thousandfold: int = 0  # how often the number is divided by 1,000
    before: str = ""
    after: str = ""


def code_of(number: int) -> str:
    """The code of a format that every spreadsheet knows by its number; "" for the general one."""
    return _BUILT_IN.get(number, "")


def shown(value: float, code: str, since_1904: bool = False) -> str:
    """A number as a cell with this format shows it; dates and times as ISO 8601 writes them."""
    form = parsed(code)
    if form.moment and 0 <= value < _LAST:
        return _moment(value, form, since_1904)
    if form.moment or (form.decimals is None and not form.percent) or abs(value) >= 1e15:
        return plain(value)
    power = 2 * form.percent - 3 * form.thousandfold
    # Rounded as people do it, from the 15 digits that a spreadsheet keeps: 23.95 is 24.0, though its bits are less.
    number = (
        Decimal(f"{abs(value):.15g}").scaleb(power).quantize(Decimal(1).scaleb(-(form.decimals or 0)), ROUND_HALF_UP)
    )
    digits = f"{number:,f}" if form.thousands else f"{number:f}"
    sign = "-" if value < 0 and any(digit in "123456789" for digit in digits) else ""
    whole, point, rest = digits.partition(".")
    return f"{sign}{form.before}{whole.rjust(form.width, '0')}{point}{rest}{'%' if form.percent else ''}{form.after}"


def plain(value: float) -> str:
    """A number without a format: 3, not 3.0, and without the noise of binary fractions."""
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    if abs(value) < 1e15 and value == int(value):
        return str(int(value))
    digits = f"{value:.12g}"
    return digits if "e" not in digits or abs(value) >= 1e15 else f"{value:.15f}".rstrip("0").rstrip(".")


def span(value: timedelta) -> str:
    """A length of time in hours, minutes and seconds."""
    seconds = round(abs(value.total_seconds()))
    hours, minutes = divmod(seconds // 60, 60)
    return f"{'-' if value < timedelta(0) else ''}{hours}:{minutes:02}:{seconds % 60:02}"


def iso(value: date | time) -> str:
    """A date, a time or both; midnight is not shown beside a date, nor seconds that are none."""
    if isinstance(value, datetime):
        day, clock = value.date().isoformat(), value.time().replace(tzinfo=None)
        return day if clock == time(0) else f"{day} {iso(clock)}"
    if isinstance(value, time):
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")
    return value.isoformat()


@lru_cache(maxsize=1000)
def parsed(code: str) -> Format:
    """What a code of a format says; nothing where it is a general one or one for texts."""
    code = _UNSHOWN.sub("", _first(code[:250]))
    bare = _LITERAL.sub("", code)
    elapsed = bool(re.search(r"\[[hms]+\]", bare, re.IGNORECASE))
    letters = re.sub(r"general|am/pm|a/p|上午/下午|[\[\]]", "", bare, flags=re.IGNORECASE).lower()
    if re.search("[ymdhse]", letters) and not re.search("[#?%]|0[.,0]*e|e[+-]", letters):
        return Format(_parts(letters), elapsed)
    if not (found := _DIGITS.search(code, _after_literals(code))) or re.search("[e/@]", letters):
        return Format()
    whole, _, fraction = found[0].partition(".")
    return Format(
        percent="%" in bare,
        decimals=sum(mark in "0#?" for mark in fraction),
        thousands="," in whole.rstrip(","),
        width=whole.count("0"),
        thousandfold=min(len(found[0]) - len(found[0].rstrip(",")), 3),
        before=_literals(code[: found.start()]),
        after=_literals(code[found.end() :]),
    )


def _first(code: str) -> str:
    """The part of a code that is for positive numbers."""
    quoted = False
    for at, mark in enumerate(code):
        quoted ^= mark == '"'
        if mark == ";" and not quoted and code[at - 1 : at] != "\\":
            return code[:at]
    return code


def _after_literals(code: str) -> int:
    """Where the digits can begin: a literal before them may hold signs that stand for digits elsewhere."""
    at = 0
    for literal in _LITERAL.finditer(code):
        if _DIGITS.search(code, at, literal.start()):
            break
        at = literal.end()
    return at


def _literals(code: str) -> str:
    """What is shown as it stands around the digits, if it is short: a currency, a unit."""
    text = _LITERAL.sub(lambda found: found[1] or found[2] or found[3] or "", code)
    text = text.replace("%", "").replace("General", "")
    return text if len(text.strip()) <= 12 else ""


def _parts(letters: str) -> frozenset[str]:
    """The letters y, m (month), d, h, n (minute) and s that a code for a moment shows."""
    runs = re.findall(r"y+|e+|m+|d+|h+|s+", letters)
    parts = set()
    for at, run in enumerate(runs):
        beside = {each[0] for each in runs[max(at - 1, 0) : at]} & {"h"} | {
            each[0] for each in runs[at + 1 : at + 2]
        } & {"s"}
        minutes = run[0] == "m" and len(run) < 3 and beside
        parts.add("n" if minutes else "y" if run[0] == "e" else run[0])
    return frozenset(parts)


def _moment(value: float, form: Format, since_1904: bool) -> str:
    if form.elapsed:
        return span(timedelta(days=value))
    early = not since_1904 and value < 60  # the calendar of 1900 has a 29 February that never was
    moment = (_FIRST_1904 if since_1904 else _FIRST) + timedelta(days=value + early, milliseconds=500)
    moment = moment.replace(microsecond=0)
    day, clock = bool(form.moment & set("ymd")), bool(form.moment & set("hns"))
    if clock and not day:
        return iso(moment.time()) if "h" in form.moment else span(timedelta(days=value % 1))
    if clock:
        return iso(moment) if value % 1 else f"{moment.date().isoformat()} 00:00"
    if form.moment == {"y"}:
        return f"{moment.year}"
    return moment.strftime("%Y-%m") if form.moment == {"y", "m"} else moment.date().isoformat()
