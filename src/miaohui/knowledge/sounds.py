"""Chinese words that sound alike, `推货` and `退货`: what somebody who types by sound may have meant. Pure.

The 3,755 common characters of GB 2312 stand in the order of their sound, so that the first of each sound tells them
apart; tones are not told apart, because nobody types them. A character that is read in two ways has the other one
below.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

from miaohui.knowledge.segment import is_word

_FIRSTS = (
    "啊埃鞍肮凹芭白斑邦苞杯奔崩逼鞭标鳖彬兵玻捕擦猜餐苍操厕层插拆搀昌超车郴撑吃充抽初揣川疮吹春戳疵聪凑粗蹿摧村磋搭呆耽当"
    "刀德蹬堤颠碉跌丁丢东兜督端堆墩掇蛾恩而发藩坊菲芬丰佛否夫噶该干冈篙哥给根耕工钩辜刮乖棺光瑰辊锅哈骸酣夯壕呵嘿痕哼轰喉呼花"
    "槐欢荒灰荤豁击嘉歼僵蕉揭巾荆炯揪鞠捐撅均喀开刊康考坷肯坑空抠枯夸块宽匡亏坤括垃莱蓝琅捞勒雷棱厘俩联粮撩列琳玲溜龙楼芦驴"
    "峦掠抡萝妈埋瞒芒猫么玫门萌眯棉苗蔑民明谬摸谋拇拿氖南囊挠呢馁嫩能妮蔫娘鸟捏您柠牛脓奴女暖虐挪哦欧啪拍攀乓抛呸喷砰坯篇飘"
    "撇拼乒坡扑期掐牵枪橇切钦青琼秋趋圈缺裙然瓤饶惹壬扔日戎揉茹软蕊闰若撒腮三桑搔瑟森僧莎筛珊墒梢奢砷声师收蔬刷摔栓霜谁吮说斯"
    "松搜苏酸虽孙蓑塌胎坍汤掏特藤梯天挑贴厅通偷凸湍推吞拖挖歪豌汪威瘟嗡挝巫昔瞎掀相萧楔薪星兄休墟轩靴勋压焉殃邀椰一茵英哟拥"
    "幽迂鸳曰耘匝栽咱赃遭责贼怎增扎摘瞻樟招遮珍蒸芝中舟珠抓拽专桩椎谆捉兹鬃邹租钻嘴尊昨"
)
_ALSO = """
还骸 重充 长樟 行夯 便篇 差拆 地德 调挑 降相 角撅 没摸 省星 提堤 传专 折奢 藏赃 会块 卡掐 单珊 乐曰 着招 系击 盛撑 粘蔫
称郴 参砷 曾层 朝招 车鞠 大呆 泊坡 恶巫 给击 校蕉 解楔 觉蕉 色筛 属珠 尾一 吓呵 择摘 模拇 屏兵 圈捐 血楔 壳橇 露楼 落垃
熟收 似师 识芝 伯白
"""
_FIRST_BYTE, _END_BYTE = 0xB0, 0xD8
_KEPT = 8_192
MOST_ALIKE = 12
"""Of one word; the dictionary seldom has more."""


@lru_cache(maxsize=_KEPT)
def homophones(pair: str) -> tuple[str, ...]:
    """Words of the dictionary that sound like these two characters; those that share one of them first."""
    first, second = pair[0], pair[1]
    found = [
        one + other for one in _alike(first) for other in _alike(second) if one + other != pair and is_word(one + other)
    ]
    return tuple(sorted(found, key=lambda word: word[0] != first and word[1] != second)[:MOST_ALIKE])


def _alike(character: str) -> list[str]:
    """Characters of the same sound, itself among them."""
    sounds, groups = _sounds()
    return list(dict.fromkeys([character, *(one for sound in sounds.get(character, ()) for one in groups[sound])]))


@cache
def _sounds() -> tuple[dict[str, list[int]], list[list[str]]]:
    """Of each character its sounds, and of each sound its characters."""
    groups: list[list[str]] = []
    firsts = set(_FIRSTS)
    for character in _common_characters():
        if character in firsts:
            groups.append([])
        groups[-1].append(character)
    sounds = {character: [sound] for sound, group in enumerate(groups) for character in group}
    for pair in _ALSO.split():
        other = sounds[pair[1]][0]
        sounds[pair[0]].append(other)
        groups[other].append(pair[0])
    return sounds, groups


def _common_characters() -> Iterator[str]:
    for high in range(_FIRST_BYTE, _END_BYTE):
        # The last row is not full.
        yield from bytes(byte for low in range(0xA1, 0xFF) for byte in (high, low)).decode("gb2312", "ignore")
