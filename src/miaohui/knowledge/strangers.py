"""Questions that are about nobody's goods and services: what a knowledge base should be unsure of. Pure.

Everyday questions of people who mistook the window, of many subjects, each with words that shops use too.
"""

from __future__ import annotations

from collections.abc import Sequence

_ZH = """
今天股市怎么样 明天早上会下雨吗 从北京坐高铁到上海要多长时间 驾照到期了去哪里换 怎么申请公积金贷款 今年春节放几天假
怎么做番茄炒蛋 手机卡怎么注销 考研英语怎么复习 社保卡的密码忘了怎么办 医院的挂号费是多少 世界上最高的山是哪座
房租合同到期押金怎么退 飞机上可以带多少行李 我要投诉我的邻居 水费发票在哪里打印 抖音账号怎么注销 宠物可以托运吗
怎么报名参加马拉松 黄金现在多少钱一克 介绍一下唐朝的历史 怀孕了可以坐飞机吗 空调漏水怎么修 太阳到地球的距离是多少
"""
_EN = """
how is the stock market today
how do I renew my passport
how do I get a driving licence
can you recommend a good movie
how do I cancel my Netflix subscription
where can I find a dentist nearby
who won the world cup
my dog is sick, what should I do
what's the best way to learn Spanish
how do I file my tax return
how do I register to vote
who is the president of the United States
is it safe to take aspirin with alcohol
how do I track my calories
how do I return a library book
can you book a hotel for me
how do I delete my Facebook account
how do I cook rice
how do I learn to play the guitar
how do I repair a flat bicycle tire
what channel is the game on tonight
when does summer start
how do I get to the airport
can I exchange my dollars for euros
"""
CHINESE = tuple(_ZH.split())
ENGLISH = tuple(_EN.strip().splitlines())


def strangers(*, chinese: bool, english: bool) -> Sequence[str]:
    """In the languages that articles are written in: in others every question is one."""
    return CHINESE * chinese + ENGLISH * english
