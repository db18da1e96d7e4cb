"""What a courtesy is answered with, where no provider answers: nobody looks up an article to say hello. Pure."""

from __future__ import annotations

from miaohui.conversations.asking import courtesy_of

_WORDS = {
    "greeting": (
        "您好，我是智能助手，我在。想问什么，直接告诉我就好；想找人工同事，说“转人工”。",
        "Hello, I'm the AI assistant, and I'm here. Just tell me what you would like to know, or ask for a human.",
    ),
    "thanks": (
        "不客气，很高兴能帮上忙。还有别的问题，随时问我。",
        "You're welcome, glad to help. If there is anything else, just ask.",
    ),
    "goodbye": ("好的，再见。有需要随时来找我。", "All right, goodbye. Come back whenever you need anything."),
    "assent": ("好的。还有什么想问的，随时告诉我。", "All right. If there is anything else, just ask."),
    "abuse": (
        "很抱歉让您不满意。请告诉我遇到了什么问题，我尽力帮您；也可以说“转人工”，由人工同事来处理。",
        "I'm sorry that this has been frustrating. Tell me what went wrong and I'll do my best, or ask for a human.",
    ),
    "identity": (
        "我是智能助手，回答由 AI 生成，不是真人。想问什么，直接告诉我就好；想找人工同事，说“转人工”。",
        "I'm an AI assistant, not a person. Just tell me what you would like to know, or ask for a human.",
    ),
    "unclear": (
        "我没看明白您的意思。请用一句话说说您想问什么；想找人工同事，说“转人工”。",
        "I'm not sure what you mean. Please tell me in a few words what you would like to know, or ask for a human.",
    ),
}


def answer_courtesy(text: str, locale: str) -> str:
    """The reply to a greeting, to thanks, to a goodbye; empty when the words want more than that."""
    kind = courtesy_of(text)
    if kind is None:
        return ""
    chinese, english = _WORDS[kind]
    return chinese if locale.startswith("zh") else english
