"""A conversation's title, from its first question (pure)."""

import re

from storage.language import language

_LONGEST = {"en": 60, "zh": 24}  # characters
_AT_LEAST = {"en": 4, "zh": 2}  # that a title must have left; else the question stands as it is

# What a person says before the question, and after it. Each is taken off as long as one is there.
_BEFORE = re.compile(
    r"^(?:(?:hi|hello|hey|dear \w+|good (?:morning|afternoon|evening))(?: there| footnote)?(?=[\s,.!])[\s,.!]*"
    r"|(?:please|kindly|ok(?:ay)?|so|now|well|and|also|thanks|thank you)\b[\s,.!]+"
    r"|(?:can|could|would|will) you (?:please |kindly |perhaps )?(?:tell me|explain(?: to me)?|show me|find(?: out)?|"
    r"help me (?:to )?(?:find|understand)|let me know|say|look up|check|give me)\b[\s,:]*"
    r"|(?:please )?(?:tell me|let me know|explain(?: to me)?|show me|give me)\b[\s,:]*"
    r"|(?:i(?:'d| would) (?:like|love) to know|i (?:want|need|wish) to know|i(?:'m| am) (?:wondering|looking for|"
    r"trying to find(?: out)?)|i was wondering|i wonder|do you know|does anyone know|any idea|may i ask|"
    r"can i ask)\b[\s,:]*|(?:about|if|whether)\s+(?=\w+\s+\w+)"
    r"|(?:according to|based on|from|in) (?:the|my|these|those|our) (?:documents?|files?|library|texts?|notes)[\s,:]+"
    r"|(?:你好|您好|嗨|哈喽|在吗)[，,。！!\s]*|(?:请问|请教|麻烦|劳驾|谢谢|那么|另外)(?:一下|你|您)?[，,：:\s]*"
    r"|(?:请|能否|能不能|可以|可否|你能|您能|帮我|帮忙|麻烦你)+(?:请)?(?:帮我|给我)?(?:告诉我|说明|解释|介绍|查|找|说|讲|看)"
    r"(?:一下|一查|下|说)?[，,：:\s]*|我?(?:想知道|想了解|想问|想请问|需要知道|不知道)(?:一下)?(?:的是)?[，,：:\s]*"
    r"|(?:根据|按照|依据)(?:这些|我的|上述|以上)?(?:文档|文件|资料)(?:的内容|里的内容)?[，,：:\s]*)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?:[\s,.!?;:，。！？；：、…]+|[\s,]+(?:please|thanks|thank you|many thanks)"
    r"|[，,]?(?:谢谢|多谢|麻烦了)(?:你|您|了)?|[呢吗吧呀啊])$",
    re.IGNORECASE,
)
# Ways to ask whose words say nothing in a list of titles, and what stays of each.
_ASKED = (
    (re.compile(r"^what (?:do|does) (.+?) say (?:about|on) (.+)$", re.I), r"\2: \1"),
    (re.compile(r"^what are the rules (?:on|about|for) (.+) in (“.+”)$", re.I), r"\1: \2"),
    (
        re.compile(
            r"^(?:what|who)(?: is|'s|’s| are| was| were) (?:the |an? )?(?!.*\b(?:if|that|is|are|to|it)\b)(.+)$", re.I
        ),
        r"\1",
    ),
    (re.compile(r"^how (?:do|can|should|could|would) (?:i|we|you|one) (.+)$", re.I), r"how to \1"),
    (re.compile(r"^关于(.+?)[，,]\s*《(.+)》(?:是怎么说的|怎么说|有什么规定)$"), r"\1：\2"),
    (re.compile(r"^《(.+)》(?:中|里)?(?:对|关于)(.+?)(?:有哪些规定|有什么规定|是怎么说的|怎么规定的?)$"), r"\2：\1"),
    (re.compile(r"^什么(?:是|叫做?)(.+)$"), r"\1"),
    (re.compile(r"^(.{2,}?)(?:的?(?:定义|意思|含义)?是什么(?:意思)?|指的是什么|有哪些|有什么)$"), r"\1"),
)
_QUOTES = re.compile("[“”]")


def title(question: str) -> str:
    """A conversation's title: its first question without politeness and asking words, cut between words.

    At most 60 characters, or 24 where it is Chinese.
    """
    whole = " ".join(question.split())
    plain = _bare(whole)
    for form, kept in _ASKED:
        if form.match(plain):
            plain = _QUOTES.sub("", form.sub(kept, plain))
            break
    plain = plain.strip()
    spoken = language(whole)
    if len(plain) < _AT_LEAST[spoken]:
        plain = whole
    return _cut(plain[:1].upper() + plain[1:], _LONGEST[spoken])


def _bare(text: str) -> str:
    """A question without what is said around it."""
    before = None
    while before != text:
        before = text
        text = _AFTER.sub("", text, count=1)
        text = _BEFORE.sub("", text, count=1)
    return text


def _cut(text: str, most: int) -> str:
    """A text of at most `most` characters, cut between words where it has any, with a mark that it goes on."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    border = kept.rfind(" ") if text[most - 1] != " " else len(kept)
    return kept[: border if border > most / 2 else len(kept)].rstrip(" ,;:，；：、（(“《") + "…"
