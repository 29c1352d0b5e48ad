"""Hides what points at private persons: names, telephone numbers, identity and plate numbers, addresses of mail. Lengths stay, so that offsets stay true."""

from __future__ import annotations

import re

import rjieba

_NUMBERS = re.compile(
    r"(?<![0-9])(?:1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}|[1-9][0-9]{16}[0-9Xx]|0[0-9]{2,3}[- ]?[0-9]{7,8}|[1-9][0-9]{5,11}(?=@)|[0-9]{7,8}(?=联系|找))(?![0-9])"
    r"|[0-9]{10,}|[A-Za-z0-9._%+-]{2,40}@[A-Za-z0-9.-]{2,40}\.[A-Za-z]{2,8}"
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·]?[A-HJ-NP-Z0-9]{5,6}"
    r"|(?:微信号?|QQ|qq|vx|VX|wx)[:：]?\s?[A-Za-z0-9_-]{5,20}"
)
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
_CALLED = re.compile(
    rf"(?:死者|伤者|工人|村民|司机|老板|家属|目击者|网友|居民|职工|员工|女子|男子|名叫|叫做|联系人|嫌疑人)(?P<a>[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=[，,。、（(说称是在的被表告]|$)"
    rf"|(?P<b>[{_SURNAMES}][\u4e00-\u9fff]{{0,2}})(?=先生|女士|师傅|老师|阿姨|大爷|[（(][男女]|[，,][男女][，,])"
)
_SHOWN = 1
"""Characters of a name that stay: 张＊＊."""


def masked(text: str) -> str:
    """``text`` with what points at private persons replaced by ``＊``, character by character; the surname stays."""
    hidden = list(text)
    for match in _NUMBERS.finditer(text):
        keep = 3 if match.group()[:1] == "1" and match.group().isdigit() and len(match.group()) == 11 else 0
        _hide(hidden, match.start() + keep, match.end())
    for match in _CALLED.finditer(text):
        group = "a" if match["a"] else "b"
        _hide(hidden, match.start(group) + _SHOWN, match.end(group))
    at = 0
    for word, tag in rjieba.tag(text):
        if tag == "nr" and 2 <= len(word) <= 3 and word[0] in _SURNAMES:
            _hide(hidden, at + _SHOWN, at + len(word))
        at += len(word)
    return "".join(hidden)


def masked_account(name: str) -> str:
    """The name of a private account: its first character and stars."""
    return name[:_SHOWN] + "＊" * min(max(len(name) - _SHOWN, 0), 8)


def _hide(hidden: list[str], start: int, end: int) -> None:
    hidden[start:end] = "＊" * (end - start)
