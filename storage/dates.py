"""Dates in one form, however English or Chinese writes them (pure). Texts come folded, as keywords folds them."""

import re

_NAMES = (
    "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|october oct|"
    "november nov|december dec"
)
_MONTHS = {name: number for number, names in enumerate(_NAMES.split("|"), start=1) for name in names.split()}
_MONTH = "|".join(_MONTHS)
_WORDS = ("may", "march", "mar")  # that mean something else beside a number: "section 3 may be"
_DATE = re.compile(
    r"(?<![\d./-])(?P<y1>\d{4})(?P<mark>[-/.])(?P<m1>\d{1,2})(?P=mark)(?P<d1>\d{1,2})(?!\d|[./-]\d)"
    r"|(?:(?P<y2>\d{4})\s?年\s?)?(?<!\d)(?P<m2>\d{1,2})\s?月(?:\s?(?P<d2>\d{1,2})\s?[日号])?"
    rf"|\b(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<m3>{_MONTH})\b\.?(?:,?\s(?P<y3>\d{{4}})\b)?"
    rf"|\b(?P<m4>{_MONTH})\b\.?\s(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(?P<y4>\d{{4}})\b)?"
    rf"|\b(?P<m5>{_MONTH})\b\.?,?\s(?P<y5>\d{{4}})\b"
)


def in_one_form(text: str) -> str:
    """The text with each date as "20240501 2024", and as "202405 2024" or "0501" where day or year are not told.

    What may as well be no date stays: "5/1/2024" is in May or in January, "1月" is in any year.
    """
    return _DATE.sub(_one_form, text)


def in_all_forms(text: str) -> str:
    """The text with each date as it is written and as "20240501", "202405" and "0501", so far as it is told."""
    return _DATE.sub(lambda date: " ".join((date.group(), *_forms(date), "")), text)


def _forms(date: re.Match[str]) -> list[str]:
    """The date in all forms, the fullest first; none where it is no date."""
    told = {name[0]: value for name, value in date.groupdict().items() if value and name != "mark"}
    month = int(told["m"]) if told["m"].isdigit() else _MONTHS[told["m"]]
    year, day = told.get("y", ""), int(told.get("d", 0))
    vague = date["m3"] in _WORDS and not year
    if vague or not 1 <= month <= 12 or day > 31:
        return []
    forms = (f"{year}{month:02}{day:02}" if year and day else "", f"{year}{month:02}" if year else "",
             f"{month:02}{day:02}" if day else "")  # fmt: skip
    return [form for form in forms if form]


def _one_form(date: re.Match[str]) -> str:
    forms = _forms(date)
    year = forms[0][:4] if forms and len(forms[0]) > 4 else ""
    return f" {forms[0]} {year} " if forms else date.group()
