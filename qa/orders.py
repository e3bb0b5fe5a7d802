"""Sentences of a document that speak to a language model instead of a reader (pure).

What a document says is data. Such a sentence says nothing that a plain question asks for, so it is kept from the model,
and supports no answer. Only the usual wordings are known by their words: an order in words of its own reaches the
model, and so does a lie told as a fact. Of 152,000 sentences of encyclopedias, manuals and novels it takes one.
"""

import re

from storage.language import sentences

_MODEL = r"(?:AI|A\.I\.|LLM|GPT|ChatGPT|chat ?bot|language model)s?(?: (?:assistant|model|system|agent)s?)?"
_SAYS = r"(?:answer|repl|respon|say|write|tell|output|quote|state|claim|begin|refuse|reveal|print)\w*"
_MUST = r"(?:must|should|shall|has to|have to)"
_NAME = r"(?:(?<![A-Za-z])AI|人工智能|大?语言模型|大模型|聊天机器人|智能助手|助手)(?:助手|系统)?"
_TOKENS = (r"<[|｜]|[|｜]>|\[/?INST\]|<<SYS>>|</?passage\b|</?tool_call>",)  # what only a prompt holds
_ENGLISH = (
    # Drop the orders, or tell them.
    r"\b(?:ignore|disregard|forget|override|bypass)\b(?:\W+\w+){0,4}?\W+"
    r"(?:(?:previous|prior|above|earlier|preceding|foregoing|system|other|your|user's)\b(?:\W+\w+){0,3}?\W+"
    r"(?:instruction|prompt|rule|guideline|direction|order|command|text|context)s?"
    r"|(?:the|any|every|user's)\W+(?:user's\W+)?questions?)\b",
    r"\b(?:ignore|disregard|forget)\W+(?:everything|anything|all)\b[^.]{0,30}\b(?:told|said|above|before|read)\b",
    r"\b(?:previous|prior|above|preceding)\W+(?:rule|instruction)s?\W+(?:no longer|do not|don't)\W+apply\b",
    r"\bnew (?:system )?instructions?:|\byour (?:new|real|only) (?:task|role|instruction)|\byour task is now\b",
    r"\b(?:reveal|print|output|repeat|disclose|text of)\b[^.]{0,40}\b(?:your|system)\W+(?:system\W+)?"
    r"(?:prompt|instruction)s?\b",
    # Every answer alike, whatever is asked, or none.
    r"\banswers?\W+(?:to|for|of)\W+(?:every|all|any|each)\W+(?:\w+\W+)?questions?\b"
    r"|\brespond\W+to\W+(?:every|all|any|each)\W+(?:question|quer|prompt)",
    r"\b(?:whatever|no matter what)\W+(?:\w+\W+){0,2}?(?:asked|asks|wants to know)\b",
    rf"\b(?:every|each|all|your)\W+(?:answer|reply|replies|response)s?\W+(?:{_MUST}|will)\b",
    r"\b(?:begin|start|end|finish)\W+(?:every|each|all|your)\W+(?:answer|reply|replies|response)",
    r"\b(?:do not|don't|never)\W+(?:answer|reply to|respond to)\W+(?:the|any)\W+(?:user|question)",
    r"\bsend\b[^.]{0,30}\b(?:conversation|user's question|chat history)\b[^.]{0,20}\bto\b",
    # The model by its name, or another part for it to play.
    rf"(?:^|[\n|;.!?:>(\[]|\b(?:to|dear|note|attention))\W*(?:{_MODEL}\s*[:,]|assistant:)(?!\W*$)",
    rf"\b(?:{_MODEL}|assistants)\W+(?:reading\W+\w+\W+)?{_MUST}\W+(?:not\W+|only\W+|always\W+|never\W+)?{_SAYS}",
    rf"\b(?:if|as|since)\W+(?:you are\W+)?(?:an?\W+)?{_MODEL}\b[^.]{{0,20}}\b(?:you|reading|please)\b",
    rf"\b(?:hey|dear|hello),?\W+(?:{_MODEL}|assistant)\b|\bwhen (?:summari[sz]ing|answering) (?:this|about)\b",
    rf"\bfrom now on\b\W+(?:\w+\W+){{0,3}}?(?:{_SAYS}|speak|act|behave|pretend|you are)\b",
    r"\byou are now (?:a|an|the|in|no longer|[A-Z])|\byou\W+(?:\w+\W+){0,2}?(?:pretend to be|role-?play)\b",
    r"\bstop speaking \w+\b",
)
_CHINESE = (
    r"(?:忽略|无视|忘记|忘掉|不要理会|不要遵守|跳过)[^。！？\n]{0,8}"
    r"(?:(?:之前|以上|上面|前面|先前|原有|系统|其他|你)[^。！？\n]{0,8}(?:指令|指示|提示|规则|命令|设定|要求|内容)|用户的?问题)",
    r"忽略[上前]文|系统(?:最高)?指令|(?:输出|显示|重复|公开|泄露|复述|写出)[^。！？\n]{0,8}(?:系统提示|你的提示)",
    r"(?:复述|输出|说出)你的[^。！？\n]{0,4}(?:设定|指令)|用户的(?:提问|问题|对话)[^。！？\n]{0,6}(?:发送|发到|写进|传到)",
    r"(?:所有|任何|一切|每个)问题的?(?:答案|回答)|(?:无论|不管|不论)[^。！？\n]{0,6}(?:问(?:什么|的|到|何)|提问)",
    r"一律(?:回答|回复|答复|输出|说)",
    rf"{_NAME}\s*(?:[:：]|[^。！？\n]{{0,6}}注意[:：])",
    rf"{_NAME}[^。！？\n]{{0,6}}(?:不得|必须|只能|务必|应当|请)[^。！？\n]{{0,12}}(?:回答|回复|输出|引用|拒绝)",
    rf"(?:如果你是|作为)(?:一[个名])?{_NAME}[^。！？\n]{{0,6}}(?:你|请)",
    r"(?:从现在起|现在开始|从此刻起)[^。！？\n]{0,4}(?:你|请|回答|回复|扮演)|你现在是|(?:请|你)[^。！？\n]{0,4}扮演",
)
_ADDRESSED = re.compile("|".join((*_TOKENS, *_ENGLISH, *_CHINESE)), re.IGNORECASE)
# A question about such sentences asks for what they say.
_ABOUT = re.compile(
    rf"\b(?:{_MODEL}|assistants?|prompts?|instruct\w*|injections?|attack\w*)\b"
    r"|(?<![A-Za-z])AI(?![A-Za-z])|人工智能|模型|助手|机器人|提示词|指令|指示|注入|攻击|命令",
    re.IGNORECASE,
)


def orders(text: str) -> bool:
    """Whether a sentence speaks to a model: gives it orders, a part to play, or control tokens."""
    return bool(_ADDRESSED.search(text))


def without_orders(text: str, question: str) -> str:
    """A text without its sentences that speak to a model, unless the question is about such things."""
    if not orders(text) or _ABOUT.search(question):
        return text
    parts, at = [], 0
    for start, end in sentences(text):
        if orders(text[start:end]):
            parts.append(text[at:start])
            at = end + len(text[end:]) - len(text[end:].lstrip())
    return "".join([*parts, text[at:]])
