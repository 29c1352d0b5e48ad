"""Invented names. Every enterprise of the demonstration starts with 示范, so that none can be taken for a real one."""

from __future__ import annotations

import random

_FIRST = [
    "云",
    "清",
    "远",
    "昌",
    "恒",
    "泰",
    "瑞",
    "嘉",
    "鼎",
    "盛",
    "宏",
    "祥",
    "润",
    "泽",
    "晨",
    "曦",
    "景",
    "和",
    "安",
    "康",
    "永",
    "兴",
    "德",
    "信",
    "明",
    "达",
    "长",
    "青",
    "华",
    "岳",
]
_SECOND = ["岭", "溪", "川", "原", "峰", "湖", "泉", "桥", "林", "野", "江", "岸", "谷", "台", "岩", "洲", "堂", "田", "屿", "庭"]
_FAMILY = [
    "赵",
    "钱",
    "孙",
    "李",
    "周",
    "吴",
    "郑",
    "王",
    "冯",
    "陈",
    "卫",
    "蒋",
    "沈",
    "韩",
    "杨",
    "朱",
    "秦",
    "许",
    "何",
    "吕",
    "施",
    "张",
    "孔",
    "曹",
    "严",
    "金",
    "魏",
    "陶",
    "姜",
]
_GIVEN = [
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "强",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "霞",
    "平",
    "刚",
    "健",
    "宁",
    "岩",
    "哲",
    "凯",
    "斌",
    "蕾",
    "晨",
    "欣",
]

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def person(draw: random.Random) -> str:
    """An invented person's name."""
    return draw.choice(_FAMILY) + draw.choice(_GIVEN)


class EnterpriseNames:
    """Draws names without repeating one."""

    def __init__(self, draw: random.Random) -> None:
        self._draw, self._used = draw, set[str]()

    def next(self, trade: str) -> str:
        """A fresh name of a trade: 示范云岭 + 化工有限公司."""
        while True:
            word = self._draw.choice(_FIRST) + self._draw.choice(_SECOND)
            name = f"示范{word}{trade}有限公司"
            if name not in self._used:
                self._used.add(name)
                return name


def credit_code(place_code: str, serial: int) -> str:
    """A well-formed unified social credit code (GB 32100) of an invented unit: class 91, the county, a serial, the check character."""
    body = f"91{place_code[:6]}" + f"YAN{serial:05d}X"
    total = sum(_USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + _USCC_ALPHABET[(31 - total % 31) % 31]
