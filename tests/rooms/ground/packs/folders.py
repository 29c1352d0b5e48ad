"""A pack of an invented sector, written by the tests themselves: nothing of it is known to the program."""

from __future__ import annotations

from pathlib import Path

HEAD = """code = "kites"
name_zh = "风筝放飞"
name_en = "Kite flying"
version = "1"
effective_from = 2026-01-01
sectors = ["X01"]
source = "测试自拟"
status = "unverified"
note_zh = "没有许可规定。"
note_en = "No licences."

[[new_sectors]]
code = "X01"
name_zh = "风筝"
name_en = "Kites"
"""
TABLES = {
    "fields": (
        "code,name_zh,name_en,type,unit,choices,required,source,status\n"
        "line,线长,Line length,number,m,,true,测试自拟,unverified\n"
        "material,材料,Material,choice,,paper=纸|Paper;silk=绢|Silk,false,测试自拟,verified\n"
        "night,是否夜间放飞,Flown at night,yes_no,,,false,测试自拟,verified\n"
    ),
    "checklists": (
        "code,group_zh,group_en,what_zh,what_en,proof_zh,proof_en,article,period,use,criterion,source,status\n"
        "frayed,器材,Gear,线绳无磨损,The line is not frayed,手摸,By hand,第一条,day,both,wire,测试自拟,unverified\n"
    ),
    "criteria_lists": (
        "code,name_zh,name_en,document,complete,source,status\nkites_2026,风筝重大隐患判定标准,Criteria of kites,测试文号,true,测试自拟,verified\n"
    ),
    "criteria": (
        "code,list,item,article,group_zh,text_zh,text_en,complete,source,status,effective_from,effective_to\n"
        "wire,kites_2026,1,第一条,,使用金属线放飞,Flown on a metal wire,true,测试自拟,verified,,\n"
    ),
    "sensor_rules": (
        "code,name_zh,name_en,quantity,place_zh,place_en,kind,comparison,threshold,unit,level,article,source,status\n"
        "wind,风速过大,Wind too strong,wind_speed,放飞场,Field,LIMIT,>=,12.5,m/s,2,第二条,测试自拟,unverified\n"
    ),
}


def write(folder: Path, *, head: str = HEAD, **tables: str | None) -> Path:
    """The pack in ``folder``; a table given anew replaces its own, ``None`` leaves it out."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.toml").write_text(head, encoding="utf-8")
    for name, text in (TABLES | tables).items():
        path = folder / f"{name}.csv"
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(text, encoding="utf-8")
    return folder


def later(version: str, day: str) -> str:
    """The head of a later version."""
    return HEAD.replace('version = "1"', f'version = "{version}"').replace("2026-01-01", day)
