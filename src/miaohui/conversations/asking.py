"""What a visitor's words are, before anybody looks for an answer. Pure.

A courtesy wants no article; several questions in one message want an answer each; and a question that leans on an
earlier one (“那运费呢”, “and how long does it take?”) cannot be looked up by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias

from miaohui.kit.width import narrow

Courtesy: TypeAlias = Literal["greeting", "thanks", "goodbye", "assent", "abuse", "identity", "unclear"]

MOST_QUESTIONS = 3
"""Of one message; the last takes what is left of it."""
_MOST_OF_A_COURTESY = 60
_MOST_OF_A_LEANING = 24
"""Chinese characters, or a word each: what is longer says itself what it is about."""
_LEANED_ON = 200
_AN_ID = 6
"""So many digits are a number of something, and not a slip of the keyboard."""

_BREAK = re.compile(r"[,.;:!?。…~、\n\s]*[,.;:!?。…~、\n]+[\s]*")
_LETTER = re.compile(r"[^\W\d_]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_DIGIT = re.compile(r"\d")
_PARTICLES = "[啊呀呢哈哦嘛吧啦嘞滴哟喔的了]*"

_GREETING = (
    r"哈喽|哈啰|嗨+|喂+|你们?好|您好|亲+|早|[早中晚]安|[早晚]上好|[上中下]午好|人呢|在(?:吗|么|不|不在)"
    r"|(?:请问)?(?:现在)?有(?:没有)?人(?:在)?(?:吗|么|不)?"
    r"|(?:hi+|hey+|hello+|hiya|yo)(?: (?:there|all|again))?|good (?:morning|afternoon|evening|day)"
    r"|(?:is |are )?(?:any|some)(?:one|body)(?: here| there)?|are you there"
)
_THANKS = (
    r"(?:非常|十分|太|真是|真的|好的?|那|ok)*(?:谢+|感谢|多谢|辛苦|麻烦|有劳)(?:你们?|您|了|啦|大家)*"
    r"(?:的?(?:帮助|帮忙|解答|回复|耐心))?"
    r"|帮(?:了我?)?大忙|(?:太|真|很|非常)(?:好|棒|感谢|有用|厉害|贴心|满意)|厉害|有帮助|解决了?"
    r"|(?:ok|okay|great|perfect|cool|many|no)? ?(?:thanks?|thank you|thx|ty|cheers)"
    r"(?: (?:so|very|a|much|lot|again|you|all))*|that help(?:s|ed)(?: a lot)?|much appreciated"
    r"|(?:that|this|it)?(?:'s| is| was)? ?(?:very |really |so )?(?:helpful|awesome|perfect|wonderful|excellent|amazing)"
)
_GOODBYE = (
    r"再见|拜+|88+|下次(?:再)?[聊见]|没有?(?:别的|其[他它])?的?(?:问题|事)?了|没事|(?:先|就)?不(?:用|需要|必)|[先就]这样"
    r"|(?:good ?)?bye(?: ?bye)?|see (?:you|ya)(?: later| soon)?|that(?:'s| is) all|no(?:pe)?|nothing else|never ?mind"
)
_YES = (
    r"好+|行+|可以|嗯+|恩+|是|对|要|需要|转吧?"
    r"|ok(?:ay|k)?|yes|yeah|yep|sure|please|yes please|please do|sure thing"
)
_ASSENT = (
    rf"{_YES}|哦+|噢|知道|明白|了解|清楚|懂|收到|哈+|嘻+|呵+|嘿+|不错|挺好"
    r"|fine|got it|i see|understood|all ?right|great|good|nice|cool|(?:ha)+|lol|hm+"
)
_IDENTITY = (
    r"(?:请问)?[你您](?:到底)?(?:是|叫)(?:不是)?(?:谁|什么(?:名字|人|东西)?|啥|真?人|人工(?:智能|客服)?|机器人?|ai|智能(?:客服|助手))"
    r"(?:还是.{1,6})?(?:吗|么)?|(?:怎么|如何)称呼[你您]?"
    r"|(?:who|what) are you|(?:what(?:'s| is|s)) your name|are you (?:an? )?(?:real )?"
    r"(?:ai|robot|bot|human|person|real|machine)(?: (?:being|person))?"
)
_INSULT = (
    r"骗子|垃圾|废物|傻[逼叉比子瓜x]?|沙雕|sb|智障|脑残|弱智|白痴|蠢货?|滚(?:蛋|开)?|坑人|骗人|恶心|没用|有病|混蛋|王八蛋"
    r"|他妈|妈的|tmd|cnm|nmsl|狗屁|差劲|太差|什么玩意儿?|去死"
)
_RUDE = r"(?:客服|机器人|助手|平台|公司|店家?|商城|商家|卖家|东西|玩意儿?|服务|一个)*"
_ABUSE = (
    r"(?:你们?|您|这|那|个|真|太|就|都|是|全|一群|一帮|大|死|破|烂|简直|完全|什么|怎么|这么)*"
    rf"(?:的?{_RUDE})(?:真|太|就|都|是)*(?:{_INSULT})的?{_RUDE}"
    r"|(?:(?:you|youre|you're|this|that|it|is|are|its|it's|such|so|what|a|an|the|really|very|just|totally|bot|service"
    r"|your) )*(?:useless|stupid|idiots?|dumb|garbage|trash|rubbish|scam(?:mers?)?|crap|(?:bull)?shit|sucks?|worst"
    r"|terrible|awful|pathetic|moron|fuck(?:ing)?(?: (?:you|off))?|shut up)"
    r"(?: (?:bot|robot|service|shop|store|company|assistant|support|ever))*"
)
_KINDS: tuple[tuple[Courtesy, re.Pattern[str]], ...] = (
    ("abuse", re.compile(f"(?:{_ABUSE}){_PARTICLES}")),
    ("thanks", re.compile(f"(?:{_THANKS}){_PARTICLES}")),
    ("goodbye", re.compile(f"(?:{_GOODBYE}){_PARTICLES}")),
    ("identity", re.compile(f"(?:{_IDENTITY}){_PARTICLES}")),
    ("greeting", re.compile(f"(?:{_GREETING}){_PARTICLES}")),
    ("assent", re.compile(f"(?:{_ASSENT}){_PARTICLES}")),
)
"""What is said first of these is what is answered."""
_AGREES = re.compile(rf"(?:{_YES}){_PARTICLES}")
_OFFERS = re.compile(
    r"(?:可以|要不要|需要).{0,8}转[接给到]?.{0,4}(?:人工|同事)"
    r"|(?:hand|pass|connect|put|transfer) you (?:over |on |through )?(?:to|with) (?:a|one of|our|my) .{0,12}"
    r"(?:human|colleague|agent|person)|(?:human|colleague|agent) .{0,20}\?\s*$"
)
_OFFER_STANDS_IN = 120
"""Characters at an answer's end."""

_ASKS = re.compile(
    r"吗|呢|么$|几|多少|怎么|怎样|如何|什么|啥|哪|谁|多久|多长|多大|为何|咋|能不能|能否|是否|可否|([是有可要会能行])不\1"
    r"|可不可以|有没有|^(?:and |also |then |or |but |so )?"
    r"(?:what|how|when|where|who|why|which|can|could|do|does|did|is|are|will|would|should|may)\b"
)
_AND = re.compile(r"\s+(?:and|also|or)\s+(?=(?:what|how|when|where|who|why|which|can|could|do|does|is|are|will)\b)")
_CLAUSE = re.compile(r"[^\x00][^\x00,.;!?，。；！？…~\n]*(?:[,.;!?，。；！？…~\n]+\s*|$)")
_MARK = re.compile(
    r"(?<![\w.])\d{1,2}[.、)）:：](?!\d)|第[一二三四五1-5]个?问题[:：,，是]?|(?<=[^\x00-\x7f])\d[.、)）](?!\d)"
)
_ASIDE = re.compile(
    r"(?:我)?(?:不(?:要|用|需要|想)|别)(?:再)?(?:给我)?(?:转|找|接)?(?:人工|真人)(?:客服)?[,，。!！\s]*"
    r"|请?(?:用|使用|以)(?:英文|英语|中文|汉语|简体|繁体)(?:字|中文)?(?:来)?(?:回答|回复|说明?|解释|告诉)(?:我|一下)*[:：,，。\s]*"
    r"|(?:please )?(?:answer|reply|respond)(?: to)?(?: me)? in (?:english|chinese)[.,:;\s]*",
    re.IGNORECASE,
)
_MAY_BE_ASIDE = re.compile("[人文语体nN]")
"""One of these stands in every aside; most questions have none, and need no closer look."""
_CORRECTS = re.compile(
    r"^\s*(?:不是(?:这|那)?个?(?:意思)?|不对|错了|你?(?:搞|弄|理解)错了|不|没有)[,，。;；!！\s]+"
    r"(?:我?(?:想)?(?:要|问|说|指|找|买)的?是?|是)?"
    r"|^\s*(?:no|nope|wrong|not (?:this|that)(?: one)?)[,.;!\s]+"
    r"(?:(?:i|we) (?:meant|mean|wanted|want|asked(?: about| for)?)|it'?s|that'?s)?\s*",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[,.;!?。…~\n]+\s*")
_MEASURE = "[个件只台把张套盒双瓶箱份条]"
_QUALITY = "(?:颜色|尺码|尺寸|大小|规格|款式|型号|材质|口味|容量|重量)"
_LEANS = re.compile(
    rf"^我?(?:[买要换来拿])?(?:\d{{1,3}}|[一二两三四五六七八九十几]+){_MEASURE}(?:[呢的]|要?多少钱|$)"
    rf"|^(?:都|还)?有?(?:没有)?(?:什么|哪些|几种|哪几种|别的|其[他它])(?:的)?{_QUALITY}|"
    r"^(?:那|这|它|他们?|如果|要是|假如|万一|还有|另外|然后|所以|但是?|不过|刚才|上面|前面|为什么|为啥|多久|多少钱?|几天)|呢$"
    r"|^(?:and|but|so|then|or|also|what about|how about|what if|why)\b"
    r"|\b(?:it|its|that|this|those|these|they|them|ones?)\b"
)


def courtesy_of(text: str) -> Courtesy | None:
    """What kind of courtesy this is; None when anything else was said beside it."""
    plain = _plain(text)
    if len(plain) > _MOST_OF_A_COURTESY:
        return None
    if not _LETTER.search(plain):
        return "unclear" if len(_DIGIT.findall(plain)) < _AN_ID and plain != "88" else None
    kinds = [_kind_of(clause) for clause in _clauses(plain)]
    if None in kinds:
        return None
    return next((kind for kind, _ in _KINDS if kind in kinds), None)


def accepts(text: str, offer: str) -> bool:
    """Whether a short word says yes to a colleague whom the answer before it offered."""
    clauses = _clauses(_plain(text))
    agrees = [one for one in clauses if _AGREES.fullmatch(one)]
    if not agrees or not all(one in agrees or _kind_of(one) == "thanks" for one in clauses):
        return False
    return _OFFERS.search(narrow(offer[-_OFFER_STANDS_IN:]).lower()) is not None


def questions_in(text: str) -> tuple[str, ...]:
    """The questions of one message, each with what is said around it; the message itself when it is one question."""
    if len(listed := _list_items(text)) > 1:
        return listed
    clauses = _CLAUSE.findall(_AND.sub("? ", text))
    if len(clauses) < 2:
        return (text,)
    parts: list[str] = []
    told = ""
    for clause in clauses:
        told += clause
        if len(parts) < MOST_QUESTIONS and _ASKS.search(narrow(clause).lower().strip(" ,.;!?。…~\n")):
            parts.append(told.strip())
            told = ""
    if told.strip() and parts:
        parts[-1] = f"{parts[-1]} {told.strip()}"
    return tuple(parts) if len(parts) > 1 else (text,)


def _list_items(text: str) -> tuple[str, ...]:
    """Of “1. … 2. …” or “第一个问题…第二个问题…”; the last takes what is left."""
    if not _DIGIT.search(text) and "第" not in text:
        return ()
    marks = list(_MARK.finditer(text))
    if len(marks) < 2 or _LETTER.search(text[: marks[0].start()]):
        return ()
    first, last = marks[:MOST_QUESTIONS], len(text)
    ends = [*(mark.start() for mark in first[1:]), last]
    items = (text[mark.end() : end].strip() for mark, end in zip(first, ends, strict=True))
    return tuple(one for one in items if _LETTER.search(one))


def wanted(text: str) -> str:
    """What is asked, without what is said of the asking: “不是这个，是…”, “不要人工，…”, “请用英文回答：…”."""
    said = _ASIDE.sub("", text) if _MAY_BE_ASIDE.search(text) else text
    # What is corrected stands before the comma; after it comes what is meant.
    corrects = _CORRECTS.match(said)
    meant = said[corrects.end() :] if corrects else said
    return next((one for one in (meant.strip(), said.strip()) if _LETTER.search(one)), text)


def leans(question: str) -> bool:
    """Whether it may only be understood after what was said before."""
    plain = _plain(question).rstrip(" ?!.。,")
    length = len(plain) if _HAN.search(plain) else len(plain.split()) * 2
    return length <= _MOST_OF_A_LEANING and _LEANS.search(plain) is not None


def leaned_on(question: str, earlier: Iterable[str]) -> str:
    """The question that a leaning one goes on from, of `earlier` ones, the latest first; empty for none."""
    if not leans(question):
        return ""
    said = (one for one in earlier if courtesy_of(one) is None and not leans(one))
    return next(said, "")[:_LEANED_ON]


def _plain(text: str) -> str:
    return narrow(text).lower().strip()


def _clauses(plain: str) -> list[str]:
    clauses = [one.strip() for one in _BREAK.split(plain)]
    return [part for one in clauses for part in (one.split() if _HAN.search(one) else [one]) if _LETTER.search(part)]


def _kind_of(clause: str) -> Courtesy | None:
    """Of one clause; English strings several together without a comma, “ok thanks bye”."""
    words = re.sub(r"[^\w' ]", "", clause).split()
    first: Courtesy | None = None
    while words:
        ends = (end for end in range(len(words), 0, -1) if _kind(" ".join(words[:end])))
        if not (end := next(ends, 0)):
            return None
        first = first or _kind(" ".join(words[:end]))
        words = words[end:]
    return first


def _kind(words: str) -> Courtesy | None:
    return next((kind for kind, form in _KINDS if form.fullmatch(words)), None)
