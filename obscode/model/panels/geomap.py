"""The panel type `geomap`: values on a map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.panel_kind import PanelKind
from obscode.model.dashboard.query import DataQuery, Query

MAP_LOCATION = Code(
    "map-location",
    "A map finds places in one way: by a lookup, by a geohash, or by latitude and longitude.",
    why="Grafana reads one way for each layer.",
    bad='panels.Geomap("Users", "users", lookup="country", geohash="cell")',
    good='panels.Geomap("Users", "users", lookup="country")',
)


@dataclass(frozen=True)
class Geomap(QueryPanel):
    """Values on a map: `panels.Geomap("Users", "sum by (country) (users)", lookup="country")`.

    The queries return tables with the current values. Without ``lookup``, ``geohash`` and ``coordinates``, Grafana
    finds the places by the names of the labels.

    Attributes:
        lookup: the label with the code of a country, a state or an airport.
        places: the places of the lookup: "countries", "usa-states" or "airports".
        geohash: the label with a geohash.
        coordinates: the labels with the latitude and the longitude, such as `("lat", "lon")`.
        draw: "markers", "heatmap" or "photos".
        size_by: the field with the size of the markers; by default all have the same size.
        color_by: the field with the color of the markers; by default the value.
        center: latitude and longitude of the center; by default all of the data is visible.
        zoom: the zoom of a map with a ``center``, 1 to 18.
        basemap: the map below: "default", "carto", "osm-standard", "esri-xyz" or "xyz".
        layers: the layers as in the JSON of the panel, instead of the arguments above.
        tooltip: "details" or "none".
    """

    queries: str | Query | DataQuery | Sequence[str | Query | DataQuery] = ()
    _: KW_ONLY
    lookup: str = ""
    places: Literal["countries", "usa-states", "airports"] = "countries"
    geohash: str = ""
    coordinates: tuple[str, str] | None = None
    draw: Literal["markers", "heatmap", "photos"] = "markers"
    size_by: str = ""
    color_by: str = ""
    center: tuple[float, float] | None = None
    zoom: int = 4
    basemap: str = "default"
    layers: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    tooltip: Literal["details", "none"] = "details"

    arguments = constraints.constraints(
        QueryPanel.arguments,
        zoom=constraints.int_between(1, 18),
        basemap=constraints.non_empty,
        layers=constraints.json_serialisable,
    )

    kind = PanelKind("geomap", "Geomap", "records", thresholds="color")
    size = (12, 12)
    needs_query = False  # a map of static layers
    supported_override_fields = frozenset({"hide"})
    has_legend = False  # the columns of a table

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        ways = [name for name in ("lookup", "geohash", "coordinates") if getattr(self, name)]
        if len(ways) > 1:
            message = f"{self.title!r} finds places by {' and by '.join(ways)}"
            yield self.finding(MAP_LOCATION, message, "keep one of them", at=ways[-1])
