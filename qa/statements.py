"""Sentences that answer a question by themselves, to that question (pure): definitions, and facts with a figure."""

import re
from collections.abc import Iterator, Mapping

from qa.orders import orders
from qa.topics import CODE, LATIN, cased
from storage.keywords import content_words
from storage.language import language, sentences

_SUBJECT = r"(?:An? |The )?[A-Za-z][\w’'-]*(?: [\w’'-]+){0,3}"
_DEFINED = re.compile(
    rf"^({_SUBJECT})(?: \(([A-Z][A-Za-z-]{{1,9}})\))? (?:is an?|are those|(?:is|are) (?:any|"
    r"the (?:process|practice|set|part|act|use|ability|smallest|largest|amount|name)|"
    r"defined as|designed to|used to))\b",
)
_NO_SUBJECT = re.compile(
    r"^(?:it|this|that|there|these|those|here|he|she|they|we|you|i|one|each|another|what|which|who|how|if|when|where|"
    r"why|while|as|in|on|at|for|with|such|some|any|many|most|all|both|and|but|or|so|also|to|no|not|every|other|our|"
    r"your|my|his|her|its|their|below|above|the (?:following|first|second|third|last|next|same|other|only|most|main|"
    r"above|result|reason|idea|point|problem|question|answer|goal|aim|purpose|one|rest))\b|\b(?:which|that|who|there|"
    r"is|are|was|he|she|it|they|this|we|you|i|here|there|of|and|or|for|with|from|alone|now|always|never|also|not)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?:is|are) (?:an?|the|one of)(?: [\w-]+){0,4} (?:consultant|engineer|professor|lecturer|specialist|author|"
    r"manager|expert|director|lawyer|doctor|scientist|writer|officer|teacher|man|woman|person|king|prince|"
    r"princess|secretary|founder|chairman|architect|analyst|physician)\b"
    r"|^(?:Mr|Mrs|Ms|Dr|Prof|Prince|Princess|King|Queen|Count|Countess|Saint|Sir|Lady|Captain|General|President)\b",
    re.IGNORECASE,
)
_DEFINED_ZH = re.compile(
    r"^(?:第[一二三四五六七八九十百\d]+条\s*|[（(]?[一二三四五六七八九十\d]+[)）、.．]\s*)?(?:本[法条例规定办]+)?(?:所称的?)?"
    r"[“《]?([\u4e00-\u9fffA-Za-z][\u4e00-\u9fffA-Za-z0-9 -]{1,14}?)[”》]?(?:[（(][^）)]*[）)])?，?"
    r"(?:是指|指的是|的定义是|是一[种个类套项款门]|是由|是用来|是用于)"
)
_NO_SUBJECT_ZH = re.compile(
    r"^(?:这|那|其|它|他|她|我|你|该|此|本|因|如|若|当|在|对|由|从|以|但|而|则|即|并|也|又|就|都|有|是|不|没|所|可|能|需|每|各|某|前款|"
    r"其中|例如|比如|另外|同时|首先|其次|最后|目的|原因|关键|前者|后者|图|表|一|下|上)|[的了着过是就也都]$|是"
)

# Forms of sentences that tell a number or a time, and what each answers. `about` is what it speaks of.
_ARTICLES = ("a", "an", "the", "each", "every", "all", "both")
_CLAUSES = re.compile(r"; (?=[a-z])")
_ABOUT = (
    r"(?P<about>(?:The |An? |Each |Every |All |Both )?[A-Za-z][\w’'-]*(?: (?:of |for |in |against )?[\w’'/-]+){0,4}?)"
)
_NUMBER = (
    r"(?:about |up to |at least |at most |around |over |only |roughly |no more than )?"
    r"(?:\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten|twelve) "
)
_END = (
    r"(?=[,.;:()]|$| (?:a|an|the|in|on|at|per|each|every|if|when|and|or|for|to|from|by|with|after|before|that|who)\b)"
)
_UNIT = rf"(?P<unit>(?!(?:more|other|times)\b)(?:[a-z-]+ )?[a-z]+s(?: of (?!any\b)[a-z-]+(?: [a-z-]+){{0,2}}?)?){_END}"
_DONE = r"(?P<done>[a-z]+(?:ed|en|aid|ept|old|ade|ut|ent|one|eld|ound))"
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_TIME = (
    r"(?=(?:the |about |at least |at most )?(?:\d|first|second|third|fourth|last|end|beginning|"
    r"(?:one|two|three|four|five|six|ten|twelve) (?:hour|day|week|month|year|working|business|calendar)|"
    rf"{_MONTHS}|{_DAYS}))"
)
_TELLS = (
    "cover|hold|need|take|last|contain|include|offer|weigh|support|require|provide|employ|operate|own|want|use|serve"
)
_FORMS = (
    (rf"{_ABOUT} (?P<may>may|can|must|will|should) (?P<verb>[a-z]+) {_NUMBER}{_UNIT}",
     "How many {unit} {may} {about} {verb}?"),
    (rf"{_ABOUT} ha(?:ve|s) {_NUMBER}{_UNIT}", "How many {unit} {does} {about} have?"),
    (rf"{_ABOUT} (?P<verb>{_TELLS})s? {_NUMBER}{_UNIT}", "How many {unit} {does} {about} {verb}?"),
    (r"(?P<about>(?:[Tt]he|[Aa]n?|[Ee]ach|[Ee]very) (?:[\w’'-]+ ){1,4}?)costs (?=(?:about |up to )?[£$€\d])",
     "How much does {about} cost?"),
    (rf"{_ABOUT} (?:must|should) be {_DONE} (?:by|within|before|until|no later than) {_TIME}",
     "When must {about} be {done}?"),
    (rf"{_ABOUT} (?:is|are) {_DONE} (?:by|within|before|until|on|from|after) {_TIME}", "When {is_} {about} {done}?"),
    (rf"{_ABOUT} (?:is|are|must be|should be) {_DONE} (?:every|once|twice) ", "How often {is_} {about} {done}?"),
    (rf"{_ABOUT} (?P<verb>open|close|begin|start|end|expire|lapse)s? (?:at|on|in|after) {_TIME}",
     "When {does} {about} {verb}?"),
)  # fmt: skip
_FACTS = tuple((re.compile(form), ask) for form, ask in _FORMS)
# What is clear only beside another sentence, or is no thing at all.
_NO_THING = re.compile(
    r"^(?:it|this|that|these|those|they|he|she|we|you|i|here|there|such|some|many|most|both$|one|others?|which|what|when|"
    r"where|while|if|as|in|on|at|by|for|to|from|with|after|before|during|until|who|and|but|or|so|also|not|no|only|then|"
    r"our|my|his|her|its|their|figure|table|step|"
    r"the (?:same|other|latter|former|following|first|second|third|last|total|rest|answer))\b"
    r"|\b(?:which|that|who|whose|is|are|was|were|be|has|have|had|can|may|must|will|do|does|did|said|says|announced|"
    r"he|she|it|they|this|these|we|you|i|not|also|only|already|still|usually|often|never|always|now|then|there|here|"
    r"above|below)\b|\b(?:the|a|an|of|in|on|at|for|to|against|and|or|by|with)$",
    re.IGNORECASE,
)


def answered(text: str, written: Mapping[str, int]) -> Iterator[str]:
    """A question for each sentence that tells what something is, costs or takes, or when it must be done.

    "A lease is a ..." gives "What is a lease?". `written` are the words of the document, see `qa.topics.words`.
    """
    for start, end in sentences(text):
        for clause in _CLAUSES.split(" ".join(text[start:end].split())):
            if not 12 <= len(clause) <= 400:
                continue
            if language(clause) == "zh":
                found = _defined_zh(clause)
            else:
                found = _defined(clause, written) or _fact(clause, written)
            if found and not orders(clause):
                yield found


def _fact(clause: str, written: Mapping[str, int]) -> str:
    for form, ask in _FACTS:
        if not (match := form.match(clause)):
            continue
        values = match.groupdict()
        if about := _thing(values["about"], written):
            verbs = ("do", "are") if _many(about) else ("does", "is")
            return ask.format(**values | {"about": about, "does": verbs[0], "is_": verbs[1]})
    return ""


def _many(about: str) -> bool:
    last = re.split(r" (?:of|for|in|against) ", about)[0].split()[-1]
    return last in ("staff", "people") or (last.endswith("s") and not last.endswith(("ss", "us", "is")))


def _thing(subject: str, written: Mapping[str, int]) -> str:
    """What a sentence is about, as it stands inside a question; empty for what needs another sentence to be clear."""
    article, name = _parted(subject.strip())
    if _NO_THING.search(subject.strip()) or CODE.search(name) or not content_words(name):
        return ""
    return article + cased(name, written).removesuffix(" itself")


def _parted(subject: str) -> tuple[str, str]:
    """The article of a subject, in small letters and with a space, and its name."""
    first, _, rest = subject.partition(" ")
    return (f"{first.lower()} ", rest) if rest and first.lower() in _ARTICLES else ("", subject)


def _defined(sentence: str, written: Mapping[str, int]) -> str:
    match = _DEFINED.match(sentence)
    if not match or _NO_SUBJECT.search(match[1]) or CODE.search(match[1]) or len(match[1]) < 3:
        return ""
    article, name = _parted(match[1])
    subject = cased(name, written)
    often = all(written.get(each, 0) + written.get(each.capitalize(), 0) > 1 for each in LATIN.findall(subject))
    if (
        not often
        or not content_words(subject)
        or (subject.islower() and (article == "the " or " " not in subject))  # which one, or a word of many meanings
        or _PERSON.search(subject + sentence[match.end(1) :])  # who somebody is takes more than a sentence
    ):
        return ""
    plural = " are " in match[0][match.end(1) :]
    return f"What {'are' if plural else 'is'} {article}{subject}?"


def _defined_zh(sentence: str) -> str:
    match = _DEFINED_ZH.match(sentence)
    if not match or _NO_SUBJECT_ZH.search(match[1]) or (match[1].isascii() and match[1].islower()):
        return ""
    return f"什么是{match[1].strip()}？"
