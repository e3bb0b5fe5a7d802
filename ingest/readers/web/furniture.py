"""What a page of the web has beside its content: what no browser shows, and what belongs to the site around it."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

_UNSHOWN = (
    "script, style, template, noscript, iframe, svg, select, datalist, video, audio, canvas, rp, rt,"
    ' dialog:not([open]), [hidden]:not([hidden="until-found" i]), [aria-hidden=true], .linenos, .line-numbers-rows,'
    " .mw-hidden-catlinks"
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:opacity|font-size)\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE
)
_AROUND = (
    "nav, [role=navigation], [role=search], [role=menu], [role=menubar], .mw-editsection,"
    " button:not([aria-expanded]):not([aria-controls])"
)
# Links to a place of the page itself: to jump over a menu, and the mark beside a heading.
_SKIP = re.compile(r"\s*(?:(?:skip|jump) (?:to|navigation|over)\b|跳(?:到|至|转|轉|过|過))", re.IGNORECASE)
_MARK = re.compile(r"\s*[#¶§\U0001f517]?\s*")
_LONGEST_SKIP = 60  # characters
# Elements that are likely such, and are if they say so or are nearly all links.
_LIKELY = "header, footer, aside, [role=banner], [role=contentinfo], [role=complementary], [role=dialog]"
_NAMED = ", ".join(
    f'[{by}*="{word}" i]'
    for by in ("id", "class")
    for word in ("nav", "menu", "breadcrumb", "toolbar", "share", "sharing", "social", "pagination", "pager", "sidebar",
                 "footer", "related", "cookie", "consent", "gdpr", "onetrust", "cc-window")
)  # fmt: skip
_ANYWHERE = re.compile(
    r"(?:^|[-_\s])(?:nav|navbar|navigation|navbox|menus?|breadcrumbs?|toolbar|shar(?:e|ing)|social|pagination|pager)"
    r"(?:$|[-_\s])",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"(?:^|[-_\s])(?:sidebar|footer|related)(?:$|[-_\s])", re.IGNORECASE)  # content has these too
_COOKIES = re.compile(
    r"(?:cookie|consent|gdpr)s?[-_]?(?:banner|notice|bar|pop-?up|consent|law|modal|overlay|dialog|manager|wall|hint)"
    r"|onetrust|cookiebot|cc-window",
    re.IGNORECASE,
)
_CONSENT = re.compile(r"cookie|consent|gdpr|隐私|隱私", re.IGNORECASE)
_LONGEST_NOTICE = 4000  # characters of a notice about cookies
_LINKED = 0.6  # the share of a menu's text that is links
_FEWEST_LINKS = 4
_MOST_LIKELY = 300  # elements that are looked at; a page has a few dozens


def unshown(tree: LexborHTMLParser) -> None:
    """Take out what no browser shows."""
    for node in tree.css(_UNSHOWN):
        node.decompose()
    for node in tree.css("[style]:not(#js_content)"):  # WeChat's articles, which a script shows when it has loaded
        if _HIDDEN.search(node.attributes.get("style") or ""):
            node.decompose()


def clear(tree: LexborHTMLParser) -> None:
    """Take out menus, notices about cookies, and sidebars, heads and feet that are links. Content never looks so."""
    unshown(tree)
    for node in tree.css(_AROUND):
        node.decompose()
    for node in tree.css('a[href^="#"]'):
        text = node.text()
        if _MARK.fullmatch(text) or (len(text) < _LONGEST_SKIP and _SKIP.match(text)):
            node.decompose()
    likely = {node.mem_id: node for node in tree.css(f"{_LIKELY}, {_NAMED}")}
    for node in reversed(list(likely.values())[:_MOST_LIKELY]):  # the inner ones first: a head may hold menu and title
        if node.tag not in ("html", "body", "main", "article") and _is_furniture(node, node.text()):
            node.decompose()


def _is_furniture(node: LexborNode, text: str) -> bool:
    called = f"{node.attributes.get('id') or ''} {node.attributes.get('class') or ''}"
    if _COOKIES.search(called) and _CONSENT.search(text) and len(text) < _LONGEST_NOTICE and not _in_content(node):
        return True
    likely = node.css_matches(_LIKELY) or _ANYWHERE.search(called) or (_BESIDE.search(called) and not _in_content(node))
    if not likely or node.attributes.get("role") == "note" or node.css_first("main, article, [role=main], h1"):
        return False
    links = node.css("a")
    linked = sum(len("".join(link.text().split())) for link in links)
    return len(links) >= _FEWEST_LINKS and linked >= _LINKED * len("".join(text.split()))


def _in_content(node: LexborNode) -> bool:
    above = node.parent
    while above is not None and above.tag not in ("main", "article"):
        above = above.parent
    return above is not None
