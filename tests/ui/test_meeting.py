"""The golden week: a briefing of the sample word for word, and every number of it counted again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from analysis.briefing import FROZEN, NOW
from analysis.briefing_content import Bars, Briefing, Grid, Lines, Section, Tile
from analysis.briefing_sections import MOST_WATCHED
from data_access import summaries
from data_access.engine import connect_to
from data_access.freezing import freeze
from data_access.scope import Scope
from tests import factories as make
from tests.databases import sample_database
from tests.ui.recount import ALWAYS, Recount, Row, known_on
from tests.workers import shared_folder
from ui import meeting

ENDS_ON, SINCE = date(2022, 9, 30), "2022-07-01"
DOMAINS = {
    "staff": "从业人员",
    "materials": "培训材料",
    "safety": "安全",
    "epidemic": "疫情防控",
    "contest": "违规竞赛",
}
THIS_WEEK, LAST_WEEK = date(2022, 8, 25), date(2022, 8, 18)
WEEK = timedelta(weeks=1)
Words = dict[str, tuple[str, tuple[str, ...]]]

NOW_TILES = (
    Tile("登记覆盖率", "91.3%", "+6.3 个百分点", "1,053/1,153 家"),
    Tile("合格登记率", "97.3%", "+5.9 个百分点", "1,042/1,071 家"),
    Tile("整改未销号", "227 件", "+8 件", "其中逾期 65 件"),
    Tile("退费未化解", "444 件", "−3 件", "涉及 230.2 万元"),
    Tile("本周举报", "91 件", "−33 件", "核实率 35.8%（34/95）"),
    Tile("本周检查", "146 次", "−22 次", ""),
)
NOW_WORDS: Words = {
    "figures": (
        "截至 8 月 25 日（周四），全市有 12 项例外值得会议决定",
        (
            "上次会议（8 月 18 日）3 项决定：完成 1 项，未到期 1 项，逾期 1 项；另有追责问责 1 件",
            "8 月 25 日这一周的举报通常还有约 33% 以后才报来：现有 91 件，预计约 136 件",
            "8 月 25 日这一周的退费纠纷通常还有约 33% 以后才报来：现有 61 件，预计约 91 件",
        ),
    ),
    "coverage": (
        "2 个县区按近四周进度赶不上 9 月 30 日全覆盖，共 28 家未登记：柳江区、融安县",
        (
            "融安县登记覆盖率 70.0%（28/40），按近四周进度 12 月 15 日完成，晚于 9 月 30 日",
            "柳江区登记覆盖率 86.3%（101/117），按近四周进度 10 月 28 日完成，晚于 9 月 30 日",
        ),
    ),
    "items": (
        "整改未销号 227 件，逾期 28.6%（65/227），销号后反弹 4.8%（25/523）",
        (
            "融安县整改逾期 13 件，占未销号的 59.1%（13/22）",
            "鱼峰区整改逾期 11 件，占未销号的 28.2%（11/39）",
            "另有柳南区、柳北区、城中区等 8 个县区共逾期 41 件",
            "销号满 30 天的 523 件中有 25 件反弹（反弹率 4.8%）",
        ),
    ),
    "disputes": (
        "退费纠纷未化解 444 件、230.2 万元，较上周 −3 件",
        ("7 家机构的退费纠纷须“一企一策”，未化解 72.8 万元、涉及学生 178 人；其中 2 家还没有方案",),
    ),
    "fees": (
        "预收费监管率 80.4%（1,008/1,253）；本周预收费违规 3.9%（7/180）；"
        "专项检查发现的问题未销号 48 个，逾期 10 个",
        (),
    ),
    "points": (
        "融安县 3 项（登记覆盖率、整改逾期占比、举报核查完成率），"
        "鱼峰区举报核查完成率明显落后于全市",
        (),
    ),
    "decisions": (
        "提请会议决定 12 项；上次会议（8 月 18 日）3 项决定：完成 1 项，未到期 1 项，逾期 1 项；"
        "另有追责问责 1 件",
        (
            "会议决定“登记覆盖率低于全市，派工作组核查未登记机构”逾期 1 天未完成（责任人丁，"
            "期限 8 月 24 日）",
            "查处通报“整改逾期件数全市最多，通报批评，限期销号”逾期 6 天未完成（责任人丙，"
            "期限 8 月 19 日）",
            "柳南区、鱼峰区、城中区等 4 个县区有 5 家停业、注销或无证机构收了钱还没上完课，"
            "估算 6.5 万元",
            "融安县整改逾期 13 件，占未销号的 59.1%（13/22）",
            "鱼峰区整改逾期 11 件，占未销号的 28.2%（11/39）",
            "另有柳南区、柳北区、城中区等 8 个县区共逾期 41 件",
            "融安县登记覆盖率 70.0%（28/40），按近四周进度 12 月 15 日完成，晚于 9 月 30 日",
            "柳江区登记覆盖率 86.3%（101/117），按近四周进度 10 月 28 日完成，晚于 9 月 30 日",
            "其余 4 项见全市总览",
        ),
    ),
}
FROZEN_TILES = (
    Tile("登记覆盖率", "83.0%", "+4.8 个百分点", "955/1,151 家"),
    Tile("合格登记率", "90.6%", "+2.9 个百分点", "949/1,048 家"),
    Tile("整改未销号", "231 件", "−15 件", "其中逾期 78 件"),
    Tile("退费未化解", "449 件", "−11 件", "涉及 251.1 万元"),
    Tile("本周举报", "100 件", "−8 件", "核实率 33.0%（38/115）"),
    Tile("本周检查", "103 次", "−38 次", ""),
)
FROZEN_WORDS: Words = {
    "figures": (
        "截至 8 月 18 日（周四），全市有 11 项例外值得会议决定",
        ("上次会议（8 月 11 日）2 项决定：完成 1 项，未到期 1 项；另有查处通报 1 件",),
    ),
    "coverage": (
        "5 个县区按近四周进度赶不上 9 月 30 日全覆盖，共 63 家未登记："
        "柳江区、柳城县、鹿寨县、融安县等",
        (
            "融安县登记覆盖率 65.0%（26/40），按近四周进度 12 月 27 日完成，晚于 9 月 30 日",
            "融水苗族自治县登记覆盖率 69.7%（23/33），按近四周进度 11 月 20 日完成，"
            "晚于 9 月 30 日",
            "另有柳城县、柳江区、鹿寨县按近四周进度也赶不上 9 月 30 日全覆盖，共 39 家未登记",
        ),
    ),
    "items": (
        "整改未销号 231 件，逾期 33.8%（78/231），销号后反弹 5.2%（23/441）",
        (
            "柳南区整改逾期 19 件，占未销号的 35.8%（19/53）",
            "鱼峰区整改逾期 11 件，占未销号的 30.6%（11/36）",
            "另有城中区、柳北区、融安县等 9 个县区共逾期 48 件",
            "销号满 30 天的 441 件中有 23 件反弹（反弹率 5.2%）",
        ),
    ),
    "disputes": (
        "退费纠纷未化解 449 件、251.1 万元，较上周 −11 件",
        ("6 家机构的退费纠纷须“一企一策”，未化解 76.3 万元、涉及学生 168 人；其中 1 家还没有方案",),
    ),
    "fees": ("预收费监管率 80.4%（1,006/1,251）；专项检查发现的问题未销号 45 个，逾期 11 个", ()),
    "points": (
        "融安县 3 项（登记覆盖率、整改逾期占比、举报核查完成率），"
        "融水苗族自治县登记覆盖率明显落后于全市",
        (),
    ),
    "decisions": (
        "提请会议决定 11 项；上次会议（8 月 11 日）2 项决定：完成 1 项，未到期 1 项；"
        "另有查处通报 1 件",
        (
            "柳南区、鱼峰区、城中区等 4 个县区有 5 家停业、注销或无证机构收了钱还没上完课，"
            "估算 7.3 万元",
            "柳南区整改逾期 19 件，占未销号的 35.8%（19/53）",
            "鱼峰区整改逾期 11 件，占未销号的 30.6%（11/36）",
            "另有城中区、柳北区、融安县等 9 个县区共逾期 48 件",
            "融安县登记覆盖率 65.0%（26/40），按近四周进度 12 月 27 日完成，晚于 9 月 30 日",
            "融水苗族自治县登记覆盖率 69.7%（23/33），按近四周进度 11 月 20 日完成，"
            "晚于 9 月 30 日",
            "另有柳城县、柳江区、鹿寨县按近四周进度也赶不上 9 月 30 日全覆盖，共 39 家未登记",
            "6 家机构的退费纠纷须“一企一策”，未化解 76.3 万元、涉及学生 168 人；"
            "其中 1 家还没有方案",
            "其余 3 项见全市总览",
        ),
    ),
}


@dataclass(frozen=True)
class Golden:
    """A briefing, and the same facts to be counted again.

    ``now`` and ``then`` are of its day and of a week before, each as it was known: of frozen weeks
    on the evenings of their meetings. ``restated`` is the week before as known at the later one.
    """

    briefing: Briefing
    now: Recount
    then: Recount
    restated: Recount
    sample: Path

    @property
    def is_frozen(self) -> bool:
        return self.briefing.basis == FROZEN

    def section(self, key: str) -> Section:
        [found] = [each for each in self.briefing.sections if each.key == key]
        return found

    def bars(self, key: str) -> Bars:
        chart = self.section(key).chart
        assert isinstance(chart, Bars)
        return chart

    def grid(self, key: str) -> Grid:
        grid = self.section(key).grid
        assert grid is not None
        return grid


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_database(shared_folder(tmp_path_factory))


@pytest.fixture(scope="module", params=[(NOW, THIS_WEEK), (FROZEN, LAST_WEEK)], ids=lambda p: p[0])
def golden(request: pytest.FixtureRequest, sample: Path) -> Iterator[Golden]:
    basis, day = request.param
    engine = connect_to(f"sqlite:///{sample}")
    with engine.connect() as conn:
        asked = {"scope": Scope.city(), "as_of": day, "basis": basis, "with_results": True}
        written = meeting.briefing(conn, **asked)
    engine.dispose()
    assert written is not None
    known, before = (ALWAYS, ALWAYS) if basis == NOW else (day, day - WEEK)
    with closing(known_on(sample, known)) as here, closing(known_on(sample, before)) as earlier:
        yield Golden(
            written,
            Recount(here, day),
            Recount(earlier, day - WEEK),
            Recount(here, day - WEEK),
            sample,
        )


def added(by_county: dict[str, Row]) -> Row:
    return tuple(map(sum, zip(*by_county.values(), strict=True)))


def of(part: float, whole: float) -> str:
    return f"{part / whole * 100:.1f}%（{part:,}/{whole:,}）"


def wan(yuan: float) -> str:
    return f"{yuan / 1e4:.1f} 万元" if yuan >= 1e4 else f"{yuan:,.0f} 元"


def words_of(day: str | date) -> str:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{day.month} 月 {day.day} 日"


def moved(now: float, then: float, unit: str) -> str:
    return f"{'+' if now > then else '−'}{abs(now - then)} {unit}"


def points_moved(now: float, then: float) -> str:
    return f"{'+' if now > then else '−'}{abs(now - then) * 100:.1f} 个百分点"


def test_words_and_tiles_are_those_that_were_checked_by_hand(golden: Golden) -> None:
    words, tiles = (FROZEN_WORDS, FROZEN_TILES) if golden.is_frozen else (NOW_WORDS, NOW_TILES)

    sections = golden.briefing.sections
    assert {each.key: (each.title, each.notes) for each in sections} == words
    assert [each.key for each in sections] == list(words)
    assert golden.section("figures").tiles == tiles
    assert not any(each.tiles for each in sections[1:])


def test_every_section_says_its_day_and_its_basis(golden: Golden) -> None:
    day, basis = "25", "按现在所知"
    if golden.is_frozen:
        day, basis = "18", "会上冻结的数字，冻结于 2022-08-18 18:00"

    for section in golden.briefing.sections:
        assert f"截至 2022 年 8 月 {day} 日（{basis}）" in section.source
    assert golden.briefing.where == "全市"


def test_six_figures_are_recounted(golden: Golden) -> None:
    now, then = golden.now, golden.then
    total, registered, qualified, both = added(now.registration())
    total_then, registered_then, qualified_then, both_then = added(then.registration())
    (still, late), (still_then, _) = added(now.items()), added(then.items())
    (disputes, yuan), (disputes_then, _) = now.disputes(), then.disputes()
    reports, inspections = sum(now.reports().values()), sum(now.inspections().values())
    # Of frozen weeks with what the meeting before was told.
    reports_then, inspections_then = (
        sum(each.values()) for each in (then.reports(), then.inspections())
    )

    assert [tile.value for tile in golden.section("figures").tiles] == [
        f"{registered / total * 100:.1f}%",
        f"{both / qualified * 100:.1f}%",
        f"{still} 件",
        f"{disputes} 件",
        f"{reports} 件",
        f"{inspections} 次",
    ]
    assert [tile.note for tile in golden.section("figures").tiles] == [
        f"{registered:,}/{total:,} 家",
        f"{both:,}/{qualified:,} 家",
        f"其中逾期 {late} 件",
        f"涉及 {wan(yuan)}",
        f"核实率 {of(*now.verified())}",
        "",
    ]
    assert [tile.change for tile in golden.section("figures").tiles] == [
        points_moved(registered / total, registered_then / total_then),
        points_moved(both / qualified, both_then / qualified_then),
        moved(still, still_then, "件"),
        moved(disputes, disputes_then, "件"),
        moved(reports, reports_then, "件"),
        moved(inspections, inspections_then, "次"),
    ]
    assert golden.section("disputes").title == (
        f"退费纠纷未化解 {disputes} 件、{wan(yuan)}，较上周 {moved(disputes, disputes_then, '件')}"
    )


def projected(golden: Golden) -> dict[str, tuple[int, int, date | None]]:
    """By county: in operation, registered, and the day of full coverage at four weeks' pace."""
    before = Recount(golden.now.db, golden.now.day - 4 * WEEK).registration()
    found = {}
    for code, (total, registered, *_) in golden.now.registration().items():
        in_28_days = registered - before[code][1]
        missing = total - registered
        days = -(-missing * 28 // in_28_days) if missing else None
        found[code] = (total, registered, days and golden.now.day + timedelta(days=days))
    return found


def test_coverage_of_every_county_and_its_day_are_recounted(golden: Golden) -> None:
    found = projected(golden)
    names = golden.now.counties()
    expected = [
        (
            names[code],
            f"{of(registered, total)}",
            "已全覆盖" if day is None else words_of(day),
            day is not None and day > ENDS_ON,
        )
        for code, (total, registered, day) in sorted(
            ((code, found[code]) for code in names), key=lambda each: each[1][1] / each[1][0]
        )
    ]

    bars = golden.bars("coverage").bars
    assert [bar.name for bar in bars] == [name for name, *_ in expected]
    for bar, (_, share, day, is_late) in zip(bars, expected, strict=True):
        assert bar.written.startswith(share)
        assert bar.written.endswith(day)
        assert bar.is_late == is_late
        assert not bar.is_small  # 三江侗族自治县 has eleven in operation
    late = [found[code] for code in names if (found[code][2] or ENDS_ON) > ENDS_ON]
    missing = sum(total - registered for total, registered, _ in late)
    assert golden.section("coverage").title.startswith(
        f"{len(late)} 个县区按近四周进度赶不上 9 月 30 日全覆盖，共 {missing} 家未登记"
    )


def test_items_of_every_county_are_recounted_from_their_steps(golden: Golden) -> None:
    names = golden.now.counties()
    items, relapse = golden.now.items(), golden.now.relapse()
    rows = [(items.get(code, (0, 0)), relapse.get(code, (0, 0)), names[code]) for code in names]
    rows.sort(key=lambda row: -row[0][1])

    section, bars = golden.section("items"), golden.bars("items").bars
    assert [(bar.name, bar.value, bar.is_late) for bar in bars] == [
        (name, late, late > 0) for (_, late), _, name in rows
    ]
    for bar, ((still, late), (closed, back), _) in zip(bars, rows, strict=True):
        assert bar.written == f"{late}/{still} 件，反弹 {back}/{closed}"
    (still, late), (closed, back) = added(items), added(relapse)
    assert golden.is_frozen or back == 25  # the stories of sample_data/README.md
    assert section.title == (
        f"整改未销号 {still} 件，逾期 {of(late, still)}，销号后反弹 {of(back, closed)}"
    )
    others = [row for row in rows[2:] if row[0][1]]
    assert section.notes == (
        *(
            f"{name}整改逾期 {late} 件，占未销号的 {of(late, still)}"
            for (still, late), _, name in rows[:2]
        ),
        f"另有{'、'.join(name for *_, name in others[:3])}等 {len(others)} 个县区"
        f"共逾期 {sum(late for (_, late), _, _ in others)} 件",
        f"销号满 30 天的 {closed} 件中有 {back} 件反弹（反弹率 {back / closed * 100:.1f}%）",
    )


def test_disputes_of_every_week_are_recounted_as_they_were_known(golden: Golden) -> None:
    chart = golden.section("disputes").chart
    assert isinstance(chart, Lines)
    weeks = [golden.now.day - WEEK * back for back in range(12, -1, -1)]
    assert chart.weeks == tuple(f"{week:%m-%d}" for week in weeks)
    expected = []
    for week in weeks:
        if not golden.is_frozen:
            expected.append(Recount(golden.now.db, week).flow())
        elif week < date(2022, 7, 7):  # the first week that was frozen
            expected.append((math.nan, math.nan))
        else:
            with closing(known_on(golden.sample, week)) as db:
                expected.append(Recount(db, week).flow())

    opened, resolved = chart.lines
    assert (opened.name, resolved.name) == ("登记", "化解")
    for line, numbers in zip(chart.lines, zip(*expected, strict=True), strict=True):
        assert line.values == pytest.approx(numbers, nan_ok=True)


def test_watch_list_is_recounted(golden: Golden) -> None:
    rows = golden.now.watch_list()
    [said] = golden.section("disputes").notes
    unplanned = sum(not row[5] for row in rows)

    assert said == (
        f"{len(rows)} 家机构的退费纠纷须“一企一策”，未化解 {wan(sum(row[4] for row in rows))}、"
        f"涉及学生 {sum(row[3] for row in rows)} 人；其中 {unplanned} 家还没有方案"
    )
    if golden.is_frozen:  # its sums alone were frozen
        assert golden.section("disputes").grid is None
        return
    grid = golden.grid("disputes")
    listed = tuple(
        (name, county, f"{still}", f"{students}", wan(yuan), "已有" if plan else "没有")
        for name, county, still, students, yuan, plan in rows[:MOST_WATCHED]
    )
    others = f"其余 {len(rows) - MOST_WATCHED} 家见退费纠纷"
    assert grid.rows == (*listed, (others, *[""] * 5))
    assert grid.late == {(place, 5) for place, row in enumerate(rows[:MOST_WATCHED]) if not row[5]}


def test_prepaid_money_and_checks_of_every_county_are_recounted(golden: Golden) -> None:
    now, grid = golden.now, golden.grid("fees")
    supervised, charges = now.supervised(), now.charges()
    findings = now.check_findings(SINCE)
    checked = {word: now.checked(domain, SINCE) for domain, word in DOMAINS.items()}

    for place, (code, name) in enumerate(now.counties().items()):
        illegal, all_charges = charges.get(code, (0, 0))
        found, still, late = findings.get(code, (0, 0, 0))
        word = min(checked, key=lambda each: checked[each][code][0])
        least, in_operation = checked[word][code]
        assert grid.rows[place] == (
            name,
            of(*supervised[code]),
            of(illegal, all_charges) if all_charges else "—",
            f"{word} {least}/{in_operation}",
            (f"{still}/{found}" + (f"，逾期 {late}" if late else "")) if found else "—",
        )
        assert ((place, 4) in grid.late) == (late > 0)
    found, still, late = added(findings)
    # What was charged in the week of the frozen meeting was sent after it.
    assert bool(charges) != golden.is_frozen
    of_week = [f"本周预收费违规 {of(*added(charges))}"] if charges else []
    assert golden.section("fees").title.split("；") == [
        f"预收费监管率 {of(*added(supervised))}",
        *of_week,
        f"专项检查发现的问题未销号 {still} 个，逾期 {late} 个",
    ]


def test_money_of_stopped_institutions_is_recounted(golden: Golden) -> None:
    stopped = golden.now.stopped()

    [said] = [note for note in golden.section("decisions").notes if "收了钱还没上完课" in note]
    assert f"有 {len(stopped)} 家停业、注销或无证机构" in said
    assert said.endswith(f"估算 {wan(sum(yuan for _, yuan in stopped))}")


def test_four_points_are_recounted_and_red_where_the_score_test_says_so(golden: Golden) -> None:
    measures = {
        "登记覆盖率": {code: row[1::-1] for code, row in golden.now.registration().items()},
        "整改逾期占比": {code: row[::-1] for code, row in golden.now.items().items()},
        **golden.now.points(SINCE),
    }
    names, grid = golden.now.counties(), golden.grid("points")
    late = set()
    for column, (measure, counts) in enumerate(measures.items(), start=1):
        assert grid.headers[column] == measure
        share = added(counts)[0] / added(counts)[1]
        for place, code in enumerate(names):
            part, whole = counts[code]
            assert (grid.rows[place][0], grid.rows[place][column]) == (names[code], of(part, whole))
            # A Wilson interval leaves a share out just where a score test rejects it.
            away = (part / whole - share) / math.sqrt(share * (1 - share) / whole)
            if whole >= 10 and (away > 1.96 if measure == "整改逾期占比" else away < -1.96):
                late.add((place, column))
    assert grid.late == late


def test_decisions_are_those_on_record(golden: Golden) -> None:
    kinds = {"decision": "会议决定", "notice": "查处通报", "accountability": "追责问责"}
    day = golden.now.day
    rows = golden.now.rows(
        "SELECT week, decision.kind, what, COALESCE(c.name, '全市'), owner, due_on, done_on"
        " FROM decision LEFT JOIN county AS c ON c.code = county_code"
        " WHERE week < :day AND (week = :last OR COALESCE(done_on, '9999') > :day)"
        " ORDER BY week DESC, COALESCE(due_on, '9999'), id",
        last=(day - WEEK).isoformat(),
    )

    def became(due: str | None, done: str | None) -> str:
        if done is not None and done <= day.isoformat():
            return f"{words_of(done)}完成"
        days = 0 if due is None else (day - date.fromisoformat(due)).days
        return f"逾期 {days} 天" if days > 0 else "未到期"

    grid = golden.grid("decisions")
    assert grid.rows == tuple(
        (
            words_of(week),
            kinds[kind],
            what,
            county,
            owner,
            words_of(due) if due else "—",
            became(due, done),
        )
        for week, kind, what, county, owner, due, done in rows
    )
    assert grid.late == {(at, 6) for at, row in enumerate(grid.rows) if row[6].startswith("逾期")}


def test_exceptions_are_recounted(golden: Golden) -> None:
    now, found = golden.now, projected(golden)
    late_counties = sum(day is not None and day > ENDS_ON for _, _, day in found.values())
    late_items = sum(late > 0 for _, late in now.items().values())
    reports, before = now.reports(), golden.restated.reports()
    surging = sum(n >= 10 and n >= 1.5 * before.get(code, 0) for code, n in reports.items())
    expected = {
        "coverage": min(late_counties, 2) + (late_counties > 2),
        "overdue": min(late_items, 2) + (late_items > 2),
        "relapse": 1,
        "watch list": 1,
        "surges": min(surging, 2),
        "unseen": 1 if reports.keys() - now.inspections().keys() else 0,
        "decisions": len(golden.grid("decisions").late),
        "stopped": bool(now.stopped()),
        "charges": any(illegal for illegal, _ in now.charges().values()),
        "checks": any(
            whole and not part
            for domain in DOMAINS
            for part, whole in now.checked(domain, SINCE).values()
        ),
    }

    assert golden.section("decisions").title.startswith(f"提请会议决定 {sum(expected.values())} 项")


def still_to_come(golden: Golden, table: str, column: str) -> list[float]:
    """The share of a week's rows that is still to come, by its age in weeks: a chain ladder."""
    rows = [
        (date.fromisoformat(week), date.fromisoformat(came))
        for week, came in golden.now.rows(
            f"SELECT week, MAX(received_by_us_on, week) FROM {table} WHERE week > :since"  # noqa: S608
            f" AND {column} <= :day",
            since=(THIS_WEEK - 26 * WEEK).isoformat(),
        )
    ]
    first = min(came for _, came in rows)
    late = [(week, (came - week).days // 7) for week, came in rows if week >= first]
    arrived = [1.0] * 9
    for weeks in range(8, 0, -1):
        seen = [one for week, one in late if week <= THIS_WEEK - weeks * WEEK and one <= weeks]
        arrived[weeks - 1] = arrived[weeks] * (1 - seen.count(weeks) / len(seen))
    return [1 - share for share in arrived]


def test_what_is_still_to_come_is_a_chain_ladder(golden: Golden) -> None:
    if golden.is_frozen:
        assert not any("以后才报来" in note for note in golden.section("figures").notes)
        return
    facts = (
        ("举报", "violation_report", "received_on"),
        ("退费纠纷", "refund_dispute", "opened_on"),
    )
    known = (sum(golden.now.reports().values()), golden.now.flow()[0])
    for (title, *asked), number, note in zip(
        facts, known, golden.section("figures").notes[1:], strict=True
    ):
        share = still_to_come(golden, *asked)[0]
        assert note == (
            f"8 月 25 日这一周的{title}通常还有约 {share * 100:.0f}% 以后才报来："
            f"现有 {number} 件，预计约 {number / (1 - share):.0f} 件"
        )
    chart = golden.section("disputes").chart
    assert isinstance(chart, Lines)
    shares = still_to_come(golden, *facts[1][1:])
    assert chart.provisional == [share >= 0.02 for share in shares].index(False)


# --- on a database of a few rows


def test_week_that_nobody_froze_has_no_briefing(conn: Connection) -> None:
    make.institution(conn)
    freeze(conn, LAST_WEEK, by=None)
    asked = {"scope": Scope.city(), "as_of": THIS_WEEK, "basis": FROZEN}

    assert meeting.as_frozen(conn, scope=Scope.city(), week=THIS_WEEK) is None
    assert meeting.briefing(conn, **asked, with_results=True) is None
    assert meeting.as_frozen(conn, scope=Scope.city(), week=LAST_WEEK) is not None


@pytest.mark.parametrize("day", [LAST_WEEK - timedelta(days=6), LAST_WEEK])
def test_any_day_of_a_frozen_week_is_that_of_its_thursday(conn: Connection, day: date) -> None:
    make.institution(conn)
    freeze(conn, LAST_WEEK, by=None)

    known = meeting.judged(conn, scope=Scope.city(), as_of=day, basis=FROZEN)

    assert known is not None
    assert known.as_of == LAST_WEEK


def test_county_without_a_frozen_figure_has_no_briefing(conn: Connection) -> None:
    make.institution(conn)
    freeze(conn, LAST_WEEK, by=None)

    assert meeting.as_frozen(conn, scope=Scope.county(), week=LAST_WEEK) is None


def test_frozen_week_says_what_is_known_as_long_as_nothing_has_changed(conn: Connection) -> None:
    for number in range(12):
        make.institution(conn, platform_registered_on=make.EARLIER if number % 3 else None)
        make.report(conn, received_on=LAST_WEEK, status="substantiated", verified_on=LAST_WEEK)
    make.inspection(conn, inspected_on=LAST_WEEK, method="joint")
    make.rectification(conn, opened_on=LAST_WEEK, due_on=LAST_WEEK)
    make.rectification(conn, opened_on=date(2022, 7, 7), due_on=date(2022, 8, 11))
    make.dispute(conn, opened_on=LAST_WEEK, students=40)
    summaries.rebuild_all(conn)
    for back in (2, 1, 0):
        freeze(conn, LAST_WEEK - back * WEEK, by=None)
    asked = {"scope": Scope.city(), "as_of": LAST_WEEK, "with_results": True}

    now = meeting.briefing(conn, basis=NOW, **asked)
    then = meeting.briefing(conn, basis=FROZEN, **asked)

    assert now is not None
    assert then is not None
    assert len(now.sections) == 7
    for one, other in zip(now.sections, then.sections, strict=True):
        assert (one.key, one.title, one.tiles) == (other.key, other.title, other.tiles)
        assert repr(one.chart) == repr(other.chart) or one.key == "disputes"
        assert one.grid == other.grid or one.key == "disputes"
        assert [note for note in one.notes if "以后才报来" not in note] == list(other.notes)
        assert (NOW in one.source, "会上冻结" in other.source) == (True, True)
