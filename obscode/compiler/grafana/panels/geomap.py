"""Writes the panel type `geomap`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import PanelWriter, QueryFormat, query_panel
from obscode.model.panels.geomap import Geomap

OPTIONS: Json = {
    "view": {"allLayers": True, "id": "zero", "lat": 0, "lon": 0, "zoom": 1},
    "controls": {
        "showZoom": True,
        "mouseWheelZoom": True,
        "showAttribution": True,
        "showScale": False,
        "showMeasure": False,
        "showDebug": False,
    },
    "tooltip": {"mode": "details"},
    "basemap": {"name": "Basemap", "type": "default", "config": {}},
    "layers": [],
}
# The files of Grafana with the places of a lookup.
_PLACES = {
    "countries": "public/gazetteer/countries.json",
    "usa-states": "public/gazetteer/usa-states.json",
    "airports": "public/gazetteer/airports.geojson",
}


def write(panel: Geomap) -> Json:
    options = {
        "view": _view(panel),
        "tooltip": {"mode": panel.tooltip},
        "basemap": {"name": "Basemap", "type": panel.basemap, "config": {}},
        "layers": [dict(layer) for layer in panel.layers] or [_layer(panel)],
    }
    return query_panel(panel, options, queries=QueryFormat(instant=True, format="table"))


def _view(panel: Geomap) -> Json:
    if panel.center is None:
        return {"allLayers": True, "id": "fit", "lat": 0, "lon": 0, "zoom": panel.zoom}
    return {"allLayers": True, "id": "coords", "lat": panel.center[0], "lon": panel.center[1], "zoom": panel.zoom}


def _layer(panel: Geomap) -> Json:
    configs = {"markers": {"showLegend": True, "style": _style(panel)}, "heatmap": {"blur": 15, "radius": 5}}
    layer = {"type": panel.draw, "name": "Values", "location": _location(panel), "tooltip": True}
    return {**layer, "config": configs.get(panel.draw, {})}


def _style(panel: Geomap) -> Json:
    size: Json = {"fixed": 5, "min": 2, "max": 15}
    return {
        "size": {**size, "field": panel.size_by} if panel.size_by else size,
        "color": {"field": panel.color_by or "Value", "fixed": "dark-green"},
        "opacity": 0.4,
        "symbol": {"fixed": "img/icons/marker/circle.svg", "mode": "fixed"},
    }


def _location(panel: Geomap) -> Json:
    if panel.lookup:
        return {"mode": "lookup", "lookup": panel.lookup, "gazetteer": _PLACES[panel.places]}
    if panel.geohash:
        return {"mode": "geohash", "geohash": panel.geohash}
    if panel.coordinates:
        return {"mode": "coords", "latitude": panel.coordinates[0], "longitude": panel.coordinates[1]}
    return {"mode": "auto"}


WRITER = PanelWriter(Geomap, OPTIONS, write)
