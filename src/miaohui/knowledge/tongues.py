"""What a shop's words are called in the other language, for who asks in one and finds articles in the other. Pure.

A few dozen words of buying, sending, paying and giving back, as people mix them (“我的 order 什么时候 ship”). It is no
translation: a question in other words needs an embedding model.
"""

from __future__ import annotations

_PAIRS = """
order 订单 下单
ship 发货 配送 寄
shipp 运费 配送 发货
deliver 配送 送货 送达
delivery 配送 送货 运费
parcel 包裹 快递
packag 包裹 快递
courier 快递
track 物流 查看物流
postag 运费 邮费
return 退货
refund 退款
exchang 换货
replac 换货
cancel 取消
chang 修改 更改
address 地址
invoic 发票
receipt 发票
tax 税号
vat 专票 增值税
coupon 优惠券
voucher 优惠券
discount 优惠 折扣
promotion 优惠 满减
sale 优惠 促销
price 价格 售价
pric 价格 售价
cost 价格 多少钱
pay 付款 支付
payment 付款 支付
instalment 分期
installment 分期
deposit 定金
balanc 尾款
member 会员
membership 会员
vip 会员
point 积分
birthday 生日
gift 礼品 礼物
card 卡 礼品卡
stor 门店
shop 门店
pickup 自提
warranty 质保 保修
repair 维修
broken 破损 坏
damag 破损
miss 漏发
lost 丢失 丢件
siz 尺码 尺寸
colour 颜色
color 颜色
stock 库存 缺货
account 账号 账户
password 密码
login 登录
register 注册
privacy 隐私
complaint 投诉
complain 投诉
human 人工
agent 人工客服 客服
phon 电话
hour 时间 营业时间
open 营业 上班
preorder 预售
recall 召回
review 评价
"""


def _read() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in _PAIRS.strip().splitlines():
        english, *chinese = line.split()
        found.setdefault(english, []).extend(chinese)
        for word in chinese:
            found.setdefault(word, []).append(english)
    return {word: tuple(dict.fromkeys(others)) for word, others in found.items()}


IN_THE_OTHER = _read()
"""Word to words; stems on the English side."""
