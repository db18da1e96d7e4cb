"""What the assistant says when no engine does. Plain and short; Chinese first."""

from __future__ import annotations

from typing import Final

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "refused": (
        "抱歉, 这条消息里有我不能处理的内容。请换一种说法, 或者点“转人工”。",
        "Sorry, I can't handle what is in this message. Please put it another way, or ask for a human.",
    ),
    "too_long": (
        "这条消息太长了, 请分几条发给我。",
        "This message is too long for me. Please send it in parts.",
    ),
    "unseen": (
        "收到了。图片和文件我看不了, 但它们会留在对话里, 人工同事看得到。请用文字说说您想问什么, 或者点“转人工”。",
        "Received. I can't see pictures or files, but my colleagues can. Tell me in words, or ask for a human.",
    ),
    "customer_request": (
        "好的, 已经为您转接人工。同事会在这里回复您, 之前的对话他们看得到, 不用再说一遍。",
        "All right, I have called a colleague, who will answer here and can read what was said so far.",
    ),
    "engines_unavailable": (
        "抱歉, 我现在回答不了这个问题, 已经转给人工同事。您的消息都保留着, 他们会在这里回复您。",
        "Sorry, I can't answer this right now. A colleague has it now and will answer here; nothing is lost.",
    ),
    "busy": (
        "现在咨询的人特别多, 您的问题已经记下来了。同事会在这里回复您, 不用一直等着。",
        "Very many people are asking just now. Your question is kept; a colleague will answer here, no need to wait.",
    ),
    "withheld": ("这段回答里有不便显示的内容, 已略去。", "Part of this answer can't be shown."),
}


def words(key: str, locale: str) -> str:
    """The sentence for `key` in the locale's language."""
    chinese, english = _WORDS[key]
    return chinese if locale.startswith("zh") else english
