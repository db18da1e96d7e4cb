"""Words that say nothing about a question's subject, and small families of words that shoppers use alike."""

from __future__ import annotations

from collections.abc import Iterable

_STOP_ZH = """
的 了 吗 呢 吧 啊 呀 哦 嘛 么 着 过 得 地 我 你 您 他 她 它 我们 你们 您们 他们 咱们 大家 自己 这 那 这个 那个
这些 那些 这里 那里 这种 那种 哪 哪个 哪些 哪里 哪儿 怎么 怎样 怎么样 怎么办 如何 咋 咋办 咋样 什么 啥 为什么
为啥 多少 几 几个 是 是不是 是否 有 有没有 没有 没 不 不是 能 能不能 能否 可以 可不可以 可否 会 会不会 要 要不要
想 想要 需要 应该 请 请问 问 问下 问一下 一下 一个 一些 下 在 和 与 跟 或 或者 还是 还 就 都 也 又 再 才 只 把
被 让 给 对 对于 关于 从 到 向 往 为 为了 因为 所以 如果 但是 但 而 而且 以及 及 于 以 之 其 很 太 更 最 非常
比较 特别 比 呗 哈 嗯 好 好的 行 行不行 谢谢 谁 你好 您好 亲 亲亲 麻烦 告诉 知道 帮 帮忙 帮我 一直 现在 已经
还有 可 个 件 出来 起来 进行 情况 时候 时 之后 以后 之前 以前 后 前 里 中 上 吗 们 说 说明 办 做 弄 搞 用 来 去
看 看看 一般 大概 左右 算 叫 该 点 怎 样 些 种 通常 具体 方面 相关 有关 有什么 有啥 东西 事 事情 问题 地方 办法
方法 方式 怎么弄 介绍 介绍一下 哪种 啥时候 什么时候 么样 卖不卖 提供 最大 最高 最多 最少 老是 总是 刚刚 啦
才能 成为 哪天 听说 觉得 可是 不过 走 卖 另 另一个 另外 别的 其他 其它 刚才 生气 很生气 气死 太烂 真烂 太差 差劲 失望
无语 没人管 没人 着急 心急 急 急急 急急急 急死 烦死 郁闷 你好 麻烦您
"""
_STOP_EN = """
a an the i you he she it we they me my your his her its our their this that these those is am are was were be
been being do does did done doing have has had having can could will would shall should may might must to of in
on at by for with from as into about if or and but not no so than then there here what which who whom whose when
where why how please tell help want need know like get got let just any some all also very too us them s t re ve
sell ll d m dont doesnt cant isnt im id came come give didn wasn weren hasn haven
hadn couldn wouldn shouldn aren ain u ur pls plz yes hi hello hey thanks thank ok okay
"""
_FAMILIES = """
退货 退 退掉 退回 退换 退换货 退回去
退款 退钱 返款
换货 换 调换 更换
快递 物流 配送 运送 送货 派送
发货 出货 寄出 发出 寄
运费 邮费 快递费 配送费 包邮
到货 送到 收到 送达 拿到
多久 时间 多长时间 几天 时效
价格 多少钱 价钱 售价 贵
保修 质保 维修 修 三包
发票 开票 专票
优惠 优惠券 折扣 打折 促销 便宜 券 满减
付款 支付 付钱 结账 扣款 扣钱 扣
取消 撤销 不要 后悔
修改 改 变更 更改
地址 收货地址
会员 等级
权益 好处 福利
分期 花呗
客服 人工 电话 联系
坏 损坏 破损 故障 质量 坏掉 碎 碎掉 裂 开裂 摔坏 破
漏发 少发 错发 缺 少了 补寄 补发
尺码 尺寸 大小 码数 合身 合适 选码 大一码 小一码
衣服 衣物 服装 服饰 家居服 睡衣
被子 被褥 棉被 丝被 绒被 冬被 夏被 被芯
换货 大一码 小一码 太小 太大 买小 买大
差价 降价 便宜 价保 保价 补差
自提 自取 取货 提货 拿货 门店 店
位置 门店 地点
实体店 线下店 专卖店 门店
骗子 诈骗 骗 冒充 假冒 自称
丢件 丢失 没收到 没拿到 签收 收到
上楼 搬 搬上去 电梯 上门
食用 吃
融化 解冻 化 化冻
加热 热 煮
飞机 航班 坐飞机 登机
承重 承受 载重 体重 公斤
账号 账户 帐号 注册
密码 登录
订单 下单 单号
return send-back sendback
refund moneyback reimburs
ship shipp deliver delivery shipment dispatch arriv
cost price fee charg expensiv
cancel abort
exchang replac replacement swap
warranty guarante repair
invoice receipt
discount coupon promo promotion voucher sale
pay payment checkout
chang updat modify edit
broken damag defect defectiv faulty piec shatter crack smash
human person agent staff operator contact
hour open opening time
fly plane airplane flight cabin
street address
small larg big siz too
swap exchang small larg
money refund
track locat
locat address stor
siz fit
abroad oversea international internationally foreign countr
password login
account register regist
"""

_PLAIN_EN = """
today tomorrow yesterday tonight morning noon afternoon evening night midnight week weekend month year day hour minute
second monday tuesday wednesday thursday friday saturday sunday january february march april june july august september
october november december soon late later early earlier ago already yet still again always never ever often sometimes
usually somewhere anywhere everywhere nearby close far away outside inside abroad
one two three four five six seven eight nine ten half double first last next previous other another different same
similar many few several enough whole part piece lot maximum minimum most least average total exact approximate
big small large little long short high low wide narrow deep heavy light new old good bad better best worst right wrong
larger largest bigger biggest smaller smallest longer longest shorter shortest higher highest lower lowest nearest
closest heavier lighter newer older cheaper cheapest faster slower easy hard fast slow quick full empty possible
impossible available sure real true normal usual special certain clear ready own able angry upset annoyed
frustrated disappointed ridiculous unacceptable terrible awful
something anything everything nothing someone anyone everyone somebody anybody nobody people thing stuff way kind sort
matter case reason example question answer
accept accepted add agree allow apply arrange arrive ask avoid become became begin began begun believe bring brought
buy bought call carry cause check choose chose chosen click collect complete contain continue count cover create cut
deal decide depend describe drop end enter exist expect explain fail fall fell feel felt fill find found finish fit
fix follow forget forgot forgotten gave given go gone went happen happened hear heard hold held hope improve include
increase instead keep kept knew known leave left live log look lose lost made make manage mean meant meet mention mind
miss move notice pass pick place plan pop prefer prepare press prevent produce promise provide pull push put raise
reach read receive reduce refer remain remember remove reply report require rest result ran run said saw say see seem
seen select send sent separate serve set share show showed shown sign sit spend spent stand start state stay stop
suggest suit suppose take taken taught think thought throw told took touch treat tried try turn type understand
understood use visit wait walk watch wish wonder work worry worth write written wrote
within without during until since while though although because together along around between through across above below
over under before after really actually just only even maybe perhaps properly correctly directly exactly
japan china chinese korea america american usa canada australia singapore malaysia thailand vietnam germany france italy
spain england britain uk russia india brazil europe asia africa taiwan hong kong macau macao beijing shanghai guangzhou
shenzhen hangzhou chengdu tibet xinjiang london paris tokyo york
"""
_TIMES_ZH = "今天 明天 后天 昨天 前天 今晚 晚上 早上 上午 下午 中午 早晨 夜里 凌晨 上周 下周 这周 周末"
TIMES = frozenset(_TIMES_ZH.split())
"""When something happens is seldom what an article says in the same words; one that it does say counts."""
PLAIN = frozenset(_PLAIN_EN.split())
"""English words for when, where, how much and how, and for what is done with anything: none of them is a subject."""
_GENERIC = "政策 规则 规定 制度 条款 细则 流程 详情 信息 policy rule term condition guideline info information detail"
GENERIC = frozenset(_GENERIC.split())
"""What may be asked of anything: beside another word they do not say what about. Stems on the English side."""
STOP_CHARACTERS = frozenset("的了吗呢吧啊呀哦嘛么着我你您他她它们这那是有在和与就都也又把给")
STOP_WORDS = frozenset(_STOP_ZH.split()) | frozenset(_STOP_EN.split())


def _relate(families: Iterable[str]) -> dict[str, tuple[str, ...]]:
    related: dict[str, dict[str, None]] = {}
    for family in families:
        members = family.split()
        for member in members:
            related.setdefault(member, {}).update(dict.fromkeys(other for other in members if other != member))
    return {word: tuple(others) for word, others in related.items()}


_ABROAD_ZH = (
    "日本 韩国 美国 英国 法国 德国 加拿大 澳大利亚 澳洲 新西兰 新加坡 马来西亚 泰国 越南 俄罗斯 欧洲 意大利 西班牙 印度"
)
_ABROAD_EN = (
    "japan korea america usa uk england britain france germany canada australia singapor malaysia thailand vietnam"
)
_FAR = {**dict.fromkeys(_ABROAD_ZH.split(), ("海外", "国外", "境外")),
        **dict.fromkeys(_ABROAD_EN.split(), ("abroad", "oversea", "international"))}  # fmt: skip
SYNONYMS = _relate(_FAMILIES.strip().splitlines()) | _FAR
"""Word to the other words of its families, a far country to being abroad; stems on the English side."""
