"""Synthetic competitors, sheets and boards for the sample pages: no real person or firm."""

from __future__ import annotations

from typing import Any


def both(zh: str, en: str) -> dict[str, str]:
    """A name in both languages."""
    return {"zh-CN": zh, "en": en}


NAMES = (
    ("何景行", "沙枣花酒家", "Shazaohua House", "91.75", 1, "gold"),
    ("阿依努尔·热合曼", "北湖膳坊", "North Lake Kitchen", "91.40", -1, "silver"),
    ("许南乔", "红柳食府", "Red Willow", "90.00", 2, "bronze"),
    ("罗一鸣", "云帆楼", "Yunfan Tower", "89.15", -1, "excellence"),
    ("巴哈尔·吐尔逊", "石榴园", "Pomegranate Garden", "89.15", 0, "excellence"),
    ("孟知远", "峰和宾馆", "Fenghe Hotel", "87.90", 1, ""),
    ("叶尔兰·赛力克", "大漠炊烟", "Desert Hearth", "87.40", -1, ""),
    ("祁小满", "西月饭店", "West Moon", "86.60", 2, ""),
    ("田牧之", "晨炉面点", "Morning Oven", "85.55", -1, ""),
    ("邵清和", "塔木餐饮", "Tamu Catering", "84.55", -1, ""),
)
ROWS = [
    {
        "place": 4 if index in (3, 4) else index + 1, "tied": index in (3, 4), "name": {"zh-CN": name}, "firm": both(zh, en),
        "total": total, "delta": delta, "medal": medal, "modules": ("29.95", "37.90", "23.90"),
    }
    for index, (name, zh, en, total, delta, medal) in enumerate(NAMES)
]  # fmt: skip
TABLE = (
    ("广东", "Guangdong", 14, 7, 6, 15), ("浙江", "Zhejiang", 9, 8, 5, 13), ("江苏", "Jiangsu", 7, 9, 6, 14),
    ("四川", "Sichuan", 4, 5, 6, 11), ("重庆", "Chongqing", 4, 5, 6, 9), ("内蒙古", "Inner Mongolia", 1, 1, 2, 7),
)  # fmt: skip
SAMPLE: dict[str, Any] = {
    "event": both("克拉玛依市餐饮行业技能大赛", "Karamay Catering Skills Competition"),
    "trade": both("热菜", "Hot dishes"),
    "trades": [both("热菜", "Hot dishes"), both("盘式设计", "Plate design"), both("食品雕刻", "Food carving"), both("面点", "Pastry")],
    "aspect": both("刀工均匀度", "Evenness of cut"),
    "look": both(
        "取主料 10 片平铺，看厚薄、长短是否一致；连刀、碎料超过 2 片记 0。",
        "Lay out 10 slices of the main ingredient. Compare thickness and length; more than 2 joined or broken pieces is a 0.",
    ),
    "sub": both("A1 刀工与初加工", "A1 Knife work"),
    "session": both("热菜·第 2 场", "Hot dishes, session 2"),
    "station": both("灶位 07，席 3 周屹", "Stove 07, seat 3 Zhou Yi"),
    "levels": [
        both("规格混乱，连刀、碎料明显，影响烹制与成菜。", "Cuts of mixed size; joined pieces and scraps disturb the dish."),
        both("规格基本统一，个别偏差，可按菜单出品。", "Mostly even, a few strays. Could be served."),
        both("规格统一，部分处理明显好于日常出品。", "Even throughout; parts clearly better than daily service."),
        both("粗细、长短、厚薄精准一致，整盘无可挑剔。", "Length, width and thickness exact across the whole plate."),
    ],
    "salt": both("咸度", "salinity"),
    "seats": [
        {"label": "1", "state": "sealed", "value": "", "me": False},
        {"label": "2", "state": "wait", "value": "", "me": False},
        {"label": "3", "state": "sealed", "value": "", "me": True},
        {"label": "4", "state": "open", "value": "2", "me": False},
        {"label": "5", "state": "out", "value": "", "me": False},
    ],
    "rail": [
        ("A11", "ok", "sign", "status.signed"), ("A14", "", "disc", "status.complete"), ("A15", "stop", "return", "status.returned"),
        ("A17", "", "half", "status.part"), ("A20", "stop", "conflict", "status.conflict"), ("A22", "", "ring", "status.not_started"),
        ("A26", "", "ring", "status.not_started"),
    ],
    "spread": [[], [("4", "陆承安")], [("1", "周屹"), ("3", "木合塔尔"), ("5", "佟雪")], [("2", "江若岚")]],
    "reason": both("10 片误差不到半毫米，符合 3 的描述。", "Ten slices within half a millimetre: level 3 as described."),
    "quick": [both("厚薄不一", "Uneven"), both("连刀", "Joined"), both("碎料", "Scraps"), both("录入文字", "Type it")],
    "rows": ROWS,
    "modules": [both("刀工", "Knife"), both("烹制", "Cooking"), both("摆盘", "Plating")],
    "unranked": [({"zh-CN": "秦望舒"}, both("银杉酒店", "Silver Fir Hotel"), 2), ({"zh-CN": "白若川"}, both("海棠里", "Crabapple Lane"), 0)],
    "table": [(both(zh, en), g, s, b, e) for zh, en, g, s, b, e in TABLE],
    "problems": [
        ("stop", "", both("面点：席 2 平板 6 分钟没有心跳，可能有未送达的给分", "Pastry: the tablet of seat 2 is silent for 6 minutes; marks may be unsent"),
         both("第 3 场，裁判 郁青禾，最后一次报告待发 3 条。催送或改用纸表", "Session 3, judge Yu Qinghe, 3 waiting at the last report. Ask for it, or use paper")),
        ("stop", "conflict", both("食品雕刻 B08：同一评分点有两个值", "Food carving B08: two values for one aspect"),
         both("席 4 本人解决前，该表不能签字", "The sheet cannot be signed until seat 4 chooses")),
        ("warn", "clock", both("热菜：第 1 轮分差超限已 12 分钟未重评", "Hot dishes: round 1 has been too far apart for 12 minutes"),
         both("A17 刀工均匀度，等席 4 说理由", "A17 Evenness of cut, seat 4 has not given a reason")),
        ("warn", "saved", both("异机检查点 22 分钟前", "Last off-machine checkpoint 22 minutes ago"), both("约定每 15 分钟一次", "Agreed: every 15 minutes")),
    ],
}  # fmt: skip
