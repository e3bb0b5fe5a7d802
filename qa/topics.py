"""Headings to questions a person would ask (pure)."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from qa.orders import orders
from storage.keywords import content_words
from storage.language import language

_LONGEST = {"en": 60, "zh": 24}  # characters of a topic or a name
_ENOUGH = {"en": 160, "zh": 60}  # characters of text that are worth asking about
_CHINESE_NUMBER = "[一二三四五六七八九十百〇零]+"
# "1.", "2.3.1", "(a)", "A.", "Chapter 3:", "IV.", "第三章", "一、", "（二）", "附录A", each with what stands after it.
_NUMBERED = re.compile(
    r"^(?:(?:chapter|section|part|appendix|annex|article|step|task|strategy|tactic|table|figure)\s+[\divxlc.-]+[a-z]?"
    r"|\d+(?:[.-]\d+)*(?=[.):、．\s\u4e00-\u9fff])|[ivxlc]+(?=[.)])|\(?[a-z](?=[.)])"
    rf"|第\s*(?:{_CHINESE_NUMBER}|\d+)\s*[章节条篇部分步课讲]+|附录\s*[a-z\d一二三四五六七八九十]*"
    rf"|[（(](?:{_CHINESE_NUMBER}|\d+)(?=[）)])|{_CHINESE_NUMBER}(?=[、．.]))[\s.:：、．)）-]*",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*_]{1,3}(\S(?:.*?\S)?)[*_]{1,3}|`([^`]*)`|\s*\{#[^}]*\}\s*$|\s*#+\s*$")
_GLOSS = re.compile(r"(?<=[\u4e00-\u9fff])\s*[（(][A-Za-z][A-Za-z .-]*[）)]$")  # 消息模型（Message Model）
# Headings that stand over anything: nobody asks about "Summary".
_COMMON = frozenset(
    "contents|table of contents|index|introduction|overview|summary|abstract|conclusion|conclusions|preface|foreword|"
    "background|references|bibliography|appendix|appendices|notes|note|footnotes|see also|external links|examples|"
    "example|exercises|exercise|discussion|results|purpose|scope|general|general provisions|miscellaneous|other|"
    "others|acknowledgements|acknowledgments|about|about this document|further reading|related work|history|faq|faqs|"
    "frequently asked questions|revision history|changelog|license|licence|copyright|disclaimer|glossary|definitions|"
    "key points|tip|tips|warning|important|usage|basics|getting started|quick start|quickstart|next steps|"
    "目录|目 录|总则|总 则|附则|附 则|前言|序言|序|引言|概述|概要|摘要|简介|介绍|背景|背景介绍|小结|总结|结论|结语|"
    "练习|习题|参考文献|参考资料|附录|附件|说明|备注|注释|致谢|其他|其它|示例|例子|入门|一般规定|常见问题|常见问题与解答|问与答|"
    "延伸阅读|版权|声明|术语|定义|目的|范围|适用范围|法律责任|修订记录|更新日志|下一步|联系人".split("|")
)
CODE = re.compile(r"[{}<>=\\|@$^~]|::|->|\w\(|[a-z][A-Z]\w*\.|\w_\w|https?:|\.{3}|…$|\d{4,}\W\d{2,}|[0-9a-f]{8}-")
_POINTS = re.compile(
    r"\b(?:it|its|this|these|those|they|he|she|above|below|following|previous)\b|^let[’']?s\b|!$"
    r"|上述|以下|如下|本[章节文]|^(?:这|其他|其它)"
)
_NO_TITLE = re.compile(rf"{CODE.pattern}|\d{{3,}}|^\W|^[\d.]+\b|/")
LATIN = re.compile(r"[A-Za-z][A-Za-z’'-]*")
_INSIDE = re.compile(r"\b[a-z][A-Za-z’'-]*|(?<=[a-z,;] )[A-Z][A-Za-z’'-]*")
_SMALL = frozenset("a an the and or of to in on at by for from with as is are".split())
_ROW = re.compile(r"^[^:;\n]{2,30}: ([^:;\n]{4,40}); [^:;\n]{2,30}: ", re.MULTILINE)
_WH = re.compile(r"(?:what|how|when|where|why|who|which|whether)\b", re.IGNORECASE)
# An order with its object: "Reset to factory settings", but neither "Use of tags" nor "Test results".
_DO = re.compile(
    r"(?:add|adjust|apply|build|calculate|cancel|change|check|choose|clean|configure|connect|copy|create|delete|deploy|"
    r"disable|edit|enable|export|find|fix|get|give|import|improve|inspect|install|make|manage|move|open|order|pay|"
    r"prepare|protect|provide|reduce|register|remove|renew|repair|replace|report|request|reset|restart|restore|return|"
    r"run|save|select|send|set|share|start|stop|store|submit|test|turn|update|upgrade|use|wash|write)"
    r" (?:a|an|the|your|up|to|with|from|in|on|off|more|all|new) ",
    re.IGNORECASE,
)
_RULES = re.compile(r"\b(?:policy|policies|rules?|act|law|regulations?|guidelines)\b", re.IGNORECASE)
_DO_ZH = re.compile(
    r"^(?:创建|构建|提高|跳过|节省|转换|编写|添加|删除|修改|重置|更换|恢复|选择|安装|配置|检查)(?:.*[^\u4e00-\u9fff]|.*您的|一个|新|.{2,}$)"
    r"(?<!说明|要求|流程|方法|方式|步骤|规则|标准|条件|项目|指南|时间|范围|原则|情况|问题|建议|参数|须知|服务|费用|记录)"
)
_LAW = re.compile(r"(?:法|条例|制度|办法|规定|规则|准则|政策|章程|细则|守则|合同|协议)(?:（.*）)?$")
_ASKS = re.compile(r"^(?:如何|怎么|怎样|为什么|为何|什么是|什么时候|哪些|哪里)|(?:什么|吗|怎么办|多少|哪些|如何)$")


def topic(heading: str) -> str:
    """What a heading path stands over, without number and markup; empty where nobody would ask about that."""
    last = _MARKUP.sub(lambda m: next((part for part in m.groups() if part), ""), heading.split(" > ")[-1])
    plain = " ".join(last.split())
    while (cut := _NUMBERED.sub("", plain, count=1)) != plain:
        plain = cut
    before, _, rest = plain.partition("：")
    plain = _GLOSS.sub("", rest if rest and before in _COMMON else plain).removeprefix("关于")
    plain = plain.strip(" \t-–—:：.。,，;；*·•|")
    spoken = language(plain)
    letters = sum(character.isalpha() for character in plain)
    junk = (
        plain.lower() in _COMMON
        or not (2 if spoken == "zh" else 4) <= len(plain) <= _LONGEST[spoken]
        or letters < 0.7 * len(plain.replace(" ", ""))
        or not content_words(plain)
        or plain[:1].isdigit()
        or bool(CODE.search(plain) or _POINTS.search(plain.lower()) or orders(plain))
    )
    return "" if junk else plain


def named(title: str) -> str:
    """A document's title as a question may name it; empty for one that looks like a file's name, or is too long."""
    plain = " ".join(title.split())
    spoken = language(plain)
    first = re.split(r"\s*[:：—–|]\s*|\s-\s", plain)[0]
    if len(plain) > _LONGEST[spoken] or (" " in first and ": " in plain) or plain.endswith("Wikipedia"):
        plain = first
    fine = " " in plain or (plain.isalpha() and len(plain) > 5) if spoken == "en" else len(plain) > 2
    if not fine or len(plain) > _LONGEST[spoken] or _NO_TITLE.search(plain) or orders(plain):
        return ""
    return plain


def words(text: str) -> Counter[str]:
    """How often a document writes each word small, and how often large inside a sentence."""
    return Counter(_INSIDE.findall(text))


def cased(phrase: str, written: Mapping[str, int]) -> str:
    """A phrase as it stands inside a sentence: small but for what its document writes large inside sentences.

    Where that would leave capitals beside words that have lost theirs, it is a title and keeps them all.
    """
    capitals = phrase.isupper()

    def one(match: re.Match[str]) -> str:
        word = match.group()
        small, large = word.lower(), word.capitalize()
        if word != large and not capitals:
            return word
        # A heading begins with a capital; inside it one needs a reason to be dropped.
        if written.get(small, 0) >= max(written.get(large, 0), int(match.start() > 0)) or small in _SMALL:
            return small
        return large if written.get(large, 0) or not capitals else word

    inside = LATIN.sub(one, phrase)
    mixed = not capitals and inside != phrase and any(word.istitle() for word in LATIN.findall(inside))
    return phrase if mixed else inside


def question(about: str, title: str, spoken: str) -> str:
    """The question that what stands under a heading answers; empty where it would not be understood alone.

    `about` is a `topic` as it is `cased`, `title` a `named` title or empty, `spoken` the document's language.
    """
    plain, name = (re.sub(r"\W", "", each).lower() for each in (about, title))
    if title and name.startswith(plain):
        return ""
    return _chinese(about, title) if spoken == "zh" else _english(about, title)


def _english(about: str, title: str) -> str:
    enough = len(set(content_words(about))) > 1
    if about.endswith("?"):
        return about[:1].upper() + about[1:] if enough else ""
    plain = re.sub(r"\s*\([^)]*\)$", "", about)  # an aside
    if plain.lower().startswith("how to "):
        return f"How do I {plain[7:]}?" if enough else ""
    if _DO.match(plain + " "):
        return f"How do I {plain[:1].lower() + plain[1:]}?"
    if not title:  # "what do the documents say about model options" is refused nearly always
        return ""
    if _RULES.search(title) and not _WH.match(plain) and not _RULES.search(plain):
        return f"What are the rules on {plain} in “{title}”?"
    return f"What does “{title}” say about {plain}?"


def _chinese(about: str, title: str) -> str:
    if about.endswith(("？", "?")):
        return about.rstrip("？?") + "？" if len(about) > 5 else ""
    if len(about) > 3 and (_ASKS.search(about) or _DO_ZH.search(about)):
        return f"{about}？" if _ASKS.search(about) else f"如何{about}？"
    if not title:
        return f"文档里关于{about}是怎么说的？" if len(about) > 3 else ""
    if _LAW.search(title) and not re.search("规定|规则", about):
        return f"《{title}》对{about}有哪些规定？"
    return f"关于{about}，《{title}》是怎么说的？"


def listed(text: str) -> Iterator[str]:
    """What the rows of a table are about: the first value of each, where that is a name."""
    for match in _ROW.finditer(text):
        if name := topic(match[1]):
            yield name


def substantial(text: str) -> bool:
    """Whether a text says enough to be asked about, in sentences: no list of contents, table of figures or code."""
    spoken = language(text)
    plain = " ".join(text.split())
    letters = sum(character.isalpha() for character in plain)
    readable = spoken == "zh" or len(re.findall(r"\b(?:the|a|an|of|and|to|in|is|are|you|for|or)\b", plain)) * 12 >= len(
        plain.split()
    )
    return (
        len(plain) >= _ENOUGH[spoken]
        and letters >= 0.6 * len(plain.replace(" ", ""))
        and readable
        and not re.search(r"\.{5}|…{3}", plain)
    )
