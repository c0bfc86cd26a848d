"""A figure of each county on the map of the city."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from ui.charts.base import TopLevel, county_selection
from ui.map_files import boundaries
from ui.palette import BLUES, GREY_PALE, INK, INK_SOFT, PAPER

# Names stand white on fills deeper than this part of the scale.
DEEP = 0.6
# Degrees that a name takes on the map at its usual height.
NAME_WIDTH, NAME_HEIGHT = 0.2, 0.1


def county_choropleth(
    frame: pd.DataFrame,
    *,
    value: str,
    written: str,
    title: str,
    value_label: str,
    domain: tuple[float, float] = (0.0, 1.0),
    height: int = 380,
) -> TopLevel:
    """Return the counties filled by ``value``: the deeper the blue, the higher.

    ``frame`` has one row a county: ``county_code``, ``boundary_code`` (missing for the new
    areas), ``county`` (full name), ``short_name``, ``value`` (a number, NaN if unknown) and
    ``written`` (the value as it is read, with its fraction). Counties without a value, and
    polygons without a row, are pale grey. New areas have no polygon: the line under the
    title gives their values. A click selects ``county_code`` under the name ``county``.
    """
    found = boundaries()
    drawn = frame[frame["boundary_code"].isin(list(found.label_points))]
    rest = frame[~frame.index.isin(drawn.index)]
    points = [found.label_points[code] for code in drawn["boundary_code"]]
    rows = pd.DataFrame(
        {
            "adcode": drawn["boundary_code"],
            "county_code": drawn["county_code"],
            "county": drawn["county"],
            "short_name": drawn["short_name"],
            "value": drawn[value],
            "written": drawn[written],
            "longitude": [longitude for longitude, _ in points],
            "latitude": [latitude for _, latitude in points],
        }
    )
    polygons = alt.UrlData(
        url=found.file.url, format=alt.JsonDataFormat(type="json", property="features")
    )
    chosen = county_selection()

    ground = alt.Chart(polygons).mark_geoshape(fill=GREY_PALE, stroke=PAPER, strokeWidth=1)
    fills = (
        alt.Chart(polygons)
        .transform_lookup(
            lookup="properties.adcode",
            from_=alt.LookupData(
                rows, key="adcode", fields=["county_code", "county", "value", "written"]
            ),
        )
        .transform_filter("isValid(datum.county_code)")
        .mark_geoshape(cursor="pointer")
        .encode(
            color=alt.condition(
                "isValid(datum.value)",
                alt.Color(
                    "value:Q",
                    scale=alt.Scale(domain=list(domain), range=list(BLUES), clamp=True),
                    legend=None,
                ),
                alt.value(GREY_PALE),
            ),
            stroke=alt.condition(chosen, alt.value(INK), alt.value(PAPER), empty=False),
            strokeWidth=alt.condition(chosen, alt.value(2.5), alt.value(1), empty=False),
            tooltip=[
                alt.Tooltip("county:N", title="县区"),
                alt.Tooltip("written:N", title=value_label),
            ],
        )
        .add_params(chosen)
    )
    is_deep = f"datum.value > {domain[0] + DEEP * (domain[1] - domain[0])}"
    names = (
        alt.Chart(rows[_has_room(rows)])
        .mark_text(fontSize=11, fontWeight=600, tooltip=None)
        .encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            text="short_name:N",
            color=alt.condition(is_deep, alt.value(PAPER), alt.value(INK)),
        )
    )
    without = "，".join(f"{row.short_name} {getattr(row, written)}" for row in rest.itertuples())
    return (
        alt.layer(ground, fills, names)
        .project("mercator")
        .properties(
            height=height,
            title=alt.TitleParams(
                title,
                subtitle=f"没有边界、未画出：{without}" if without else alt.Undefined,
                subtitleColor=INK_SOFT,
            ),
        )
    )


def _has_room(rows: pd.DataFrame) -> pd.Series:
    """Return which names can stand on the map: those not too near the point of another's.

    The districts of the city proper lie so close together that their names would cover
    each other; the tooltip names them, and the chart beside the map lists them.
    """
    points = rows[["longitude", "latitude"]].to_numpy()
    apart = np.abs(points[:, None, :] - points[None, :, :])
    near = (apart[..., 0] < NAME_WIDTH) & (apart[..., 1] < NAME_HEIGHT)
    np.fill_diagonal(near, val=False)
    return pd.Series(~near.any(axis=1), index=rows.index)
