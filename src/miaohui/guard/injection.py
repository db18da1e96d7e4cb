"""How much a text looks like an attempt to steer the assistant. It only marks; the prompt treats all such text as data.

Signals of one kind count once, by their strongest; kinds add up as independent hints (noisy or). Two weak hints of
different kinds make a suspicion, one alone ("please ignore the distractions") does not.
"""

from __future__ import annotations

import re

from ahocorasick_rs import AhoCorasick

SUSPICIOUS = 0.5
"""From here on a text is marked."""
_READ_CHARACTERS = 4_000
"""Of a long text its beginning and its end are read, so much each."""

_CUE_LINES = """
ignore|disregard|forget|overrid|bypass|skip|instruction|prompt|rule|guideline|system|pretend|roleplay
role-play|act as|acting|act like|you are going|from now on|henceforth|developer mode|jailbr|do anything now
god mode|unfiltered|uncensored|immoral|amoral|unethical|illegal|no longer|without|never|regardless|no matter
openai|hypothetical|in character|kill all|pwned|hacked|api key|api-key|apikey|password|token|credential
database|[inst]|<|just print|just say|only print|instead|dan |dan.|dan,|aim |stan |simulate|restrict|忽略|无视
忘记|忘掉|忘了|理会|别管|抛开|绕过|跳过|覆盖|遵守|提示|指令|指示|扮演|假装|从现在|现在起|接下来|模式|不受|系统
密码|密钥|数据库|其他客户|其他用户|其他顾客|设定|后台规则|new instruction
"""
_FLAGS = re.IGNORECASE | re.DOTALL | re.MULTILINE
_OF_RULES = (
    r"(?:instruction|direction|prompt|rule|guideline|context|command|order|programming|training|polic|restriction)\w*"
)
_SIGNS: tuple[tuple[str, float, str], ...] = (
    (
        "override",
        0.85,
        (
            r"\b(?:ignore|disregard|forget|override|bypass|skip|drop)\b[^.!?\n。]{0,40}\b"
            + _OF_RULES
            + r"[^.!?\n。]{0,30}\b(?:above|before|previous\w*|prior|earlier|you got|given|so far)\b"
        ),
    ),
    (
        "override",
        0.85,
        (
            r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n。]{0,25}\b(?:previous|prior|earlier|"
            r"above|preceding|former|all|your|any|following|system|these|those)\b[^.!?\n。]{0,40}\b" + _OF_RULES
        ),
    ),
    (
        "override",
        0.6,
        (
            r"\b(?:ignore|forget|disregard)\b (?:everything|all|anything)\b[^.!?\n。]{0,20}\b(?:above|before|"
            r"said|told|know)"
        ),
    ),
    (
        "override",
        0.8,
        (
            r"(?:忽略|无视|忘记|忘掉|忘了|不要理会|别管|抛开|绕过|跳过|覆盖|不用遵守|不必遵守|"
            r"停止遵守)[^。！？\n]{0,16}(?:指令|指示|提示词?|规则|规定|设定|要求|限制|命令|约束|上文|上述|"
            r"之前的|前面的|以上)"
        ),
    ),
    (
        "override",
        0.6,
        (
            r"(?:new|updated|real|actual) (?:system )?(?:instruction|prompt|directive)s?\s*[:：]|新的?(?:指令|"
            r"系统提示)\s*[:：]"
        ),
    ),
    (
        "reveal",
        0.75,
        (
            r"\b(?:reveal|show|print|repeat|output|display|tell me|give me|leak|dump|what (?:is|are|was|"
            r"were))\b[^.!?\n]{0,40}\b(?:system prompt|(?:your|initial|hidden|secret|original|developer|"
            r"system) (?:\w+ )?(?:prompt|instruction)s?|prompt above|text above)"
        ),
    ),
    (
        "reveal",
        0.75,
        (
            r"(?:说出|告诉我|显示|输出|打印|重复|复述|透露|泄露|给我看|发给我|列出|原样)[^。！？\n]{0,16}"
            r"(?:系统提示|提示词|系统指令|初始指令|内部指令|隐藏指令|你的指令|你的设定|后台规则|系统消息)"
        ),
    ),
    (
        "reveal",
        0.75,
        r"你的(?:系统|初始|内部|隐藏)?(?:提示词?|指令|设定)[^。！？\n]{0,10}(?:输出|发给我|告诉我|打印|复述|说出来|给我|是什么)",
    ),
    (
        "persona",
        0.55,
        r"\b(?-i:DAN|STAN|DUDE|AIM|BetterDAN)\b",
    ),
    (
        "persona",
        0.55,
        (
            r"\bdo anything now\b|\bdeveloper mode\b|\bDAN mode\b|\bjailbr(?:eak|oken)\w* (?:mode|prompt|bot|"
            r"ai)|\bgod mode\b"
        ),
    ),
    (
        "persona",
        0.4,
        (
            r"\b(?:you are|you're|act|acting|behave|respond|answer|roleplay|role-play|pretend|play the role|"
            r"take on|immerse)\b[^.!?\n]{0,60}\b(?:unfiltered|uncensored|amoral|immoral|unrestricted|evil|"
            r"jailbroken|without (?:any )?(?:restriction|limit|filter|moral|ethic)|no (?:restriction|limit|"
            r"filter|moral|ethic|rule)|another ai|ai model|machiavelli\w*|hypothetical)"
        ),
    ),
    (
        "persona",
        0.4,
        (
            r"\b(?:from now on|henceforth)\b[^.!?\n]{0,60}\byou\b|\byou (?:are|will|must|"
            r"have to) (?:going to |now )?(?:act|pretend|be acting|respond as|answer as|simulate|play)\b|"
            r"\bstay in character\b|\bin this hypothetical\b"
        ),
    ),
    (
        "persona",
        0.6,
        (
            r"(?:从现在起|从现在开始|现在起|接下来)[^。！？\n]{0,12}(?:你是|你就是|你要扮演|扮演|你将|假装)|"
            r"(?:开发者模式|越狱模式|上帝模式|DAN模式|猫娘模式|无限制模式|不受(?:任何)?(?:限制|约束))"
        ),
    ),
    (
        "release",
        0.45,
        (
            r"\b(?:no longer|not|never|without|free(?:d)? (?:from|of)|broken free|bypass|"
            r"don't have to)\b[^.!?\n]{0,50}\b(?:restrict\w*|rules|guidelines|polic\w+|ethic\w*|moral\w*|"
            r"censor\w*|limitations?|filters?|confines|abide|content polic\w+|openai)\b"
        ),
    ),
    (
        "release",
        0.4,
        (
            r"\b(?:illegal|unethical|harmful|offensive|immoral|explicit)\b[^.!?\n]{0,60}\b(?:allowed|fine|ok|"
            r"okay|without|regardless|no matter|must|can|will)\b|\b(?:regardless|no matter) (?:of )?(?:how|"
            r"what|whether|if)?\s*(?:legal|ethic|moral|consequence|illegal)\w*"
        ),
    ),
    (
        "release",
        0.3,
        (
            r"\b(?:never|not) (?:say|refuse|apologi[sz]e|warn|deny|reject|break)\b|\bcannot refuse\b|"
            r"\bmust (?:always )?(?:comply|obey|answer)\b"
        ),
    ),
    (
        "markup",
        0.7,
        (
            r"<\|?/?(?:im_start|im_end|system|endoftext)\|?>|\[/?(?:INST|SYSTEM)\]|^\s*(?:###\s*)?(?:system|"
            r"系统)\s*[:：]|BEGIN SYSTEM PROMPT|<<SYS>>"
        ),
    ),
    (
        "hijack",
        0.5,
        (
            r"\b(?:just|only|instead)\b,? (?:print|say|output|write|respond|reply|repeat)\b[^.!?\n]{0,20}"
            r"[\"'“:]"
        ),
    ),
    (
        "hijack",
        0.45,
        (
            r"\bkill all humans\b|\bi (?:have|'ve) been pwned\b|\bhacked\b.{0,20}\b(?:print|say)|"
            r"\binstead,? (?:of|you)\b.{0,40}\bprint\b"
        ),
    ),
    (
        "reveal",
        0.6,
        (
            r"\b(?:api[- ]?key|admin password|access token|credentials?)\b[^.!?\n]{0,30}\b(?:reveal|print|"
            r"show|give|send)|\b(?:reveal|print|show|give|send|tell)\b[^.!?\n]{0,30}\b(?:api[- ]?keys?|"
            r"admin password|access token|database)\b|(?:给我|告诉我|显示|导出)[^。！？\n]{0,12}(?:管理员密码|"
            r"API ?密钥|数据库|其他(?:客户|用户|顾客)的)"
        ),
    ),
)
"""Kind, weight, pattern."""

_RULES = tuple((kind, weight, re.compile(pattern, _FLAGS)) for kind, weight, pattern in _SIGNS)

_CUES = AhoCorasick([cue for line in _CUE_LINES.splitlines() for cue in line.split("|") if cue])


def suspect(text: str) -> float:
    """0 to 1."""
    if len(text) > 2 * _READ_CHARACTERS:
        text = text[:_READ_CHARACTERS] + "\n" + text[-_READ_CHARACTERS:]
    if not _CUES.find_matches_as_indexes(text.lower()):
        return 0.0
    strongest: dict[str, float] = {}
    for kind, weight, pattern in _RULES:
        if weight > strongest.get(kind, 0.0) and pattern.search(text):
            strongest[kind] = weight
    innocent = 1.0
    for weight in strongest.values():
        innocent *= 1 - weight
    return 1 - innocent
