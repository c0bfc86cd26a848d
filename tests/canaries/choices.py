"""Everything that a visitor can choose on a page, found on the page itself.

A kind of widget that is not known here fails the tests: what is not chosen from is not proven.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pyarrow as pa
from streamlit.elements.lib.utils import user_key_from_element_id
from streamlit.proto.Dataframe_pb2 import Dataframe as DataframeProto
from streamlit.proto.WidgetStates_pb2 import WidgetState

from data_access.reference import UNITS
from tests.canaries.city import THURSDAY
from tests.canaries.markers import marker
from tests.canaries.visitor import Screen, Visitor
from ui.visits.choosing import PLAN_KEY

LEAVE: Final = "session.leave"
# What a visitor brings is tried by tests of its own; files are taken whenever they are offered.
NOT_CHOSEN_FROM: Final = {"FileUploader", "DownloadButton"}
# Buttons by which a plan, a row or what is on record of a county becomes another: one walk must
# not change what the next one finds. They are pressed in tests of their own.
CHANGES: Final = re.compile(r"(FormSubmitter:)?(visits|row|submission|county_action)\.")
# Fields of the form of one row: what is filled in is sent by its button alone.
FIELDS: Final = re.compile(r"row\.")
DAYS: Final = [str(THURSDAY + timedelta(days=days)) for days in (1, 0, -1, -7, -35)]
MOST_ROWS: Final = 40
CELLS: Final = DataframeProto.SelectionMode.SINGLE_CELL
_DIGEST: Final = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class Choice:
    """One option of one widget."""

    kind: str
    key: str
    option: str
    state: WidgetState

    def __str__(self) -> str:
        return f"{self.key}={self.option}"


Wanted = Callable[[Choice], bool]


def everything(_: Choice) -> bool:
    """Want every option."""
    return True


def nothing(_: Choice) -> bool:
    """Want no option: the page as it opens."""
    return False


def the_main_ones(choice: Choice) -> bool:
    """Want every list and plan, the first row or its cells of each table, and what is folded."""
    is_list = choice.kind in {"Button", "ButtonGroup", "Expandable"} or choice.key == PLAN_KEY
    return is_list or choice.option.split(",")[0] == "row 0"


def walk(visitor: Visitor, wanted: Wanted = everything) -> Iterator[tuple[str, Screen]]:
    """Choose every option on a page, one at a time, and yield what each made the page send.

    Widgets that an option brings, such as a list that it opens, are chosen from, too.
    """
    yield "as it opens", visitor.screen
    first = offered(visitor, wanted)
    known = {choice.key for choice in first}
    for choice in first:
        yield str(choice), visitor.choose(choice.state)
        if visitor.is_elsewhere:
            continue
        brought = [new for new in offered(visitor, wanted) if new.key not in known]
        for new in brought:
            yield f"{choice}, {new}", visitor.choose(choice.state, new.state)


def offered(visitor: Visitor, wanted: Wanted = everything) -> list[Choice]:
    """Return what can be chosen on the page as it is now."""
    found = []
    for kind, proto in visitor.elements():
        identity = getattr(proto, "id", "")
        key = user_key_from_element_id(identity) or getattr(proto, "label", kind)
        if not identity or key == LEAVE or kind in NOT_CHOSEN_FROM:
            continue
        if FIELDS.match(key) or (kind == "Button" and CHANGES.match(key)):
            continue
        key = _DIGEST.sub("*", key)  # keys of maps name what is on them
        for option, value in _options(kind, proto):
            found.append(Choice(kind, key, option, WidgetState(id=identity, **value)))
    return [choice for choice in found if wanted(choice)]


Options = Iterator[tuple[str, dict[str, Any]]]


def _options(kind: str, proto: Any) -> Options:
    if kind not in _OPTIONS_OF:
        raise AssertionError(f"no choice is made from a {kind}: say in {__name__} how")
    return _OPTIONS_OF[kind](proto)


def _words(proto: Any) -> Options:
    return ((option, {"string_value": option}) for option in proto.options)


def _steps(proto: Any) -> Options:
    return ((option, _several(option)) for option in proto.options)


def _rows(proto: Any) -> Options:
    """Yield what a browser says when a row or a cell is chosen; one that is only read has none."""
    if not proto.selection_mode:
        return
    with pa.ipc.open_stream(proto.arrow_data.data) as reader:
        table = reader.read_all()
    if CELLS in proto.selection_mode:
        for name in table.column_names:
            for row in (0, table.num_rows - 1):
                option = "row 0" if row == 0 else "last row"
                yield f"{option}, {name}", _selection(rows=[], columns=[], cells=[[row, name]])
        return
    for row in range(min(table.num_rows, MOST_ROWS)):
        yield f"row {row}", _selection(rows=[row], columns=[], cells=[])


def _marks(proto: Any) -> Options:
    """Yield what a browser may say was chosen in a chart, whoever's it is."""
    for name in proto.selection_mode:
        for unit in UNITS:
            point = {"county_code": unit.code, "adcode": unit.boundary_code}
            yield f"{name} {unit.code}", _selection(**{name: [point]})


def _objects(proto: Any) -> Options:
    """Yield what a browser may say was chosen on a map, whoever's it is."""
    for unit in UNITS if proto.selection_mode else ():
        place = {"k": marker(unit.code, "violation_report", "place_key")}
        of_county = {"properties": {"adcode": unit.boundary_code}}
        for layer, thing in (("places", place), ("counties", of_county)):
            yield f"{layer} {unit.code}", _selection(indices={}, objects={layer: [thing]})


def _several(option: str) -> dict[str, Any]:
    return {"string_array_value": {"data": [option]}}


def _selection(**chosen: Any) -> dict[str, Any]:
    return {"string_value": json.dumps({"selection": chosen}, ensure_ascii=False)}


_OPTIONS_OF: Final[dict[str, Callable[[Any], Options]]] = {
    "Button": lambda _: iter([("click", {"trigger_value": True})]),
    "ButtonGroup": lambda proto: ((o.content, _several(o.content)) for o in proto.options),
    "Checkbox": lambda proto: iter([("other", {"bool_value": not proto.default})]),
    "Dataframe": _rows,
    "DateInput": lambda _: ((day, _several(day)) for day in [*DAYS, str(date.min)]),
    "DeckGlJsonChart": _objects,
    "Expandable": lambda _: iter([("open", {"bool_value": True})]),
    "MultiSelect": lambda proto: ((option, _several(option)) for option in proto.options),
    "NumberInput": lambda proto: (
        (f"{end:g}", {"double_value": end}) for end in (proto.min, proto.max)
    ),
    "Radio": _words,
    "Selectbox": _words,
    "Slider": _steps,
    "TextArea": lambda _: iter([("%", {"string_value": "%"})]),
    "TextInput": lambda _: iter([("%", {"string_value": "%"})]),
    "TimeInput": lambda _: iter([("09:15", {"string_value": "09:15"})]),
    "VegaLiteChart": _marks,
}
