"""Names from ledgers as Markdown that shows them as they are."""

from __future__ import annotations

import pytest

from tests.hostile import HOSTILE
from ui.formatting import plain


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("甲子书法培训中心", "甲子书法培训中心"),
        ("**粗** [点](http://a)", r"\*\*粗\*\* \[点\]\(http\://a\)"),
        (":red[红]", r"\:red\[红\]"),
        ("$x$ <b> &amp; `码`", r"\$x\$ \<b\> \&amp; \`码\`"),
        ("甲\\", "甲\\\\"),
        ("1. 甲", r"1\. 甲"),
        ("70.8%（126/178）", "70.8%（126/178）"),
        ("- 甲", r"\- 甲"),
        ("    甲", "甲"),
        ("甲\r\n乙\n丙", "甲 乙 丙"),
        ("甲　乙", "甲　乙"),
        ("甲\u202eslx.乙\u202c", "甲slx.乙"),
        ("甲\x00\x1b[31m乙", r"甲\[31m乙"),
        ("甲\ud83d乙", "甲乙"),
        ("👩\u200d🏫", "👩\u200d🏫"),
    ],
)
def test_text_is_escaped_and_kept_to_one_line(text: str, markdown: str) -> None:
    assert plain(text) == markdown


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_can_be_sent_and_has_no_lines(name: str) -> None:
    assert plain(HOSTILE[name]).encode()
    assert plain(HOSTILE[name]).splitlines() == [plain(HOSTILE[name])]
