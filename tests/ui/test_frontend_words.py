"""The words in Chinese fit the frontend that the pinned Streamlit ships."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from streamlit import file_util

from ui.frontend_words import WORDS, in_chinese

SCRIPTS = sorted(Path(file_util.get_static_dir(), "static", "js").glob("*.js"))
CHINESE = [path for path in SCRIPTS if path.name.split(".")[0] in WORDS]


@pytest.mark.parametrize("name", WORDS)
def test_every_literal_is_in_the_scripts_of_its_name(name: str) -> None:
    scripts = [
        path.read_text(encoding="utf-8") for path in CHINESE if path.name.split(".")[0] == name
    ]

    missing = [each for each in WORDS[name] if not any(each in script for script in scripts)]

    assert scripts, f"Streamlit ships no {name}.*.js any more"
    assert missing == []


@pytest.mark.parametrize("name", WORDS)
def test_chinese_keeps_the_quotes_and_the_code_of_the_literal(name: str) -> None:
    for literal, chinese in WORDS[name].items():
        assert chinese.count("`") % 2 == literal.count("`") % 2 == 0
        assert chinese.count('"') == literal.count('"')
        assert chinese.count("{") - chinese.count("}") == literal.count("{") - literal.count("}")


@pytest.mark.parametrize("name", WORDS)
def test_no_literal_is_found_in_another_s_chinese(name: str) -> None:
    for chinese in WORDS[name].values():
        assert [literal for literal in WORDS[name] if literal in chinese] == []


def test_script_without_words_of_ours_stays_as_it_is() -> None:
    assert in_chinese("protobuf.D55wl0P7.js", "label:`Search`") == "label:`Search`"


def test_words_are_known_by_the_name_before_the_hash() -> None:
    assert in_chinese("DataFrame.-f9-1zS0.js", "a=`Search`,label:`Search`") == (
        "a=`Search`,label:`查找`"
    )


@pytest.mark.skipif(not shutil.which("node"), reason="no node to parse scripts with")
@pytest.mark.parametrize("path", CHINESE, ids=lambda path: path.name)
def test_script_in_chinese_still_parses(path: Path, tmp_path: Path) -> None:
    script = tmp_path / f"{path.stem}.mjs"
    script.write_text(in_chinese(path.name, path.read_text(encoding="utf-8")), encoding="utf-8")

    done = subprocess.run(["node", "--check", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-500:]
