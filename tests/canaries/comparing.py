"""What a page sends on one database, held against what it sends on another."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from data_access import clock
from tests.canaries.choices import Wanted, walk
from tests.canaries.conftest import serve
from tests.canaries.markers import Reader
from tests.canaries.visitor import Visitor
from ui.navigation import MenuEntry

NOW = clock.now()
Shown = dict[str, list[tuple[str, bytes]]]


def shown(database: Path, reader: Reader, entry: MenuEntry, wanted: Wanted) -> Shown:
    """Return what each option of a page sends, without what differs from run to run."""
    with (
        TemporaryDirectory() as folder,
        serve(Path(shutil.copy(database, folder))),
        patch("data_access.clock.now", lambda: NOW),  # the access log says when
    ):
        return {
            option: screen.comparable()
            for option, screen in walk(Visitor(reader, entry.script), wanted)
        }


def differences(one: Shown, other: Shown) -> list[str]:
    """Name what is sent differently: by which option, in what."""
    found = [f"only in one: {option}" for option in one.keys() ^ other.keys()]
    for option in one.keys() & other.keys():
        kinds = [kind for kind, _ in one[option]], [kind for kind, _ in other[option]]
        if kinds[0] != kinds[1]:
            found.append(f"{option}: {kinds[0]} and {kinds[1]}")
        found += [
            f"{option}, {kind}"
            for (kind, sent), (_, also) in zip(one[option], other[option], strict=False)
            if sent != also
        ]
    return found
