"""`obscode diff` of dashboards: one sentence for each edit, and none for what Grafana displays in the same way."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from obscode.artifacts.project import Artifacts
from obscode.diff.change import Change
from obscode.diff.comparisons import dashboards
from obscode.reader.file_contents import read_text

Json = dict[str, Any]


def panel(number: int, title: str, expr: str, **settings: Any) -> Json:
    return {
        "id": number,
        "type": "timeseries",
        "title": title,
        "gridPos": {"x": 0, "y": number * 8, "w": 12, "h": 8},
        "datasource": {"type": "prometheus", "uid": "${ds}"},
        "targets": [{"refId": "A", "expr": expr, "legendFormat": "{{pod}}"}],
        "fieldConfig": {"defaults": {"unit": "s"}, "overrides": []},
        **settings,
    }


SHOP: Json = {
    "uid": "shop",
    "title": "Shop",
    "schemaVersion": 39,
    "tags": ["shop"],
    "time": {"from": "now-1h", "to": "now"},
    "refresh": "30s",
    "links": [{"title": "Runbook", "type": "link", "url": "https://runbooks.example.com/shop"}],
    "templating": {
        "list": [
            {"name": "ds", "type": "datasource", "query": "prometheus"},
            {
                "name": "pod",
                "type": "query",
                "datasource": {"type": "prometheus", "uid": "${ds}"},
                "query": 'label_values(up{job="shop"}, pod)',
                "refresh": 1,
            },
        ]
    },
    "annotations": {"list": [{"name": "Deploys", "enable": True, "expr": "changes(build_info[5m]) > 0"}]},
    "panels": [
        {"id": 1, "type": "row", "title": "Traffic", "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}},
        panel(2, "Requests", 'sum(rate(requests_total{job="shop"}[5m]))'),
        panel(
            3,
            "CPU",
            'rate(cpu_seconds_total{pod=~"$pod"}[$__rate_interval])',
            fieldConfig={
                "defaults": {
                    "unit": "short",
                    "thresholds": {
                        "mode": "absolute",
                        "steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}],
                    },
                    "mappings": [{"type": "value", "options": {"1": {"text": "Up", "color": "green", "index": 0}}}],
                },
                "overrides": [
                    {
                        "matcher": {"id": "byName", "options": "limit"},
                        "properties": [{"id": "custom.lineWidth", "value": 2}],
                    }
                ],
            },
            transformations=[{"id": "organize", "options": {"excludeByName": {"Time": True}}}],
        ),
        {"id": 4, "type": "row", "title": "Hosts", "gridPos": {"x": 0, "y": 40, "w": 24, "h": 1}},
        panel(6, "Memory", "memory_bytes"),
    ],
}


def changes(before: Json, after: Json) -> list[Change]:
    sides = [
        Artifacts(dashboards=read_text(json.dumps(each), "grafana/shop.json").dashboards) for each in (before, after)
    ]
    return list(dashboards.compare(*sides))


def sentences(before: Json, after: Json) -> list[str]:
    return [each.sentence for each in changes(before, after) if each.risk != "layout"]


def edited(edit: Callable[[Json], object], dashboard: Json = SHOP) -> Json:
    after = copy.deepcopy(dashboard)
    edit(after)
    return after


def defaults(dashboard: Json, place: int) -> Json:
    fields: Json = dashboard["panels"][place]["fieldConfig"]["defaults"]
    return fields


OF = 'of dashboard "Shop"'
EDITS: dict[str, tuple[Callable[[Json], object], str]] = {
    "title": (lambda d: d.update(title="Store"), 'Dashboard "Store": title "Shop" -> "Store".'),
    "uid": (lambda d: d.update(uid="store"), 'Dashboard "Shop": uid "shop" -> "store".'),
    "description": (lambda d: d.update(description="Sales."), 'Dashboard "Shop": description "Sales." added.'),
    "time range": (
        lambda d: d["time"].update({"from": "now-6h"}),
        'Dashboard "Shop": time range "now-1h to now" -> "now-6h to now".',
    ),
    "refresh": (lambda d: d.update(refresh="1m"), 'Dashboard "Shop": refresh "30s" -> "1m".'),
    "no refresh": (lambda d: d.pop("refresh"), 'Dashboard "Shop": refresh "30s" removed.'),
    "time zone": (lambda d: d.update(timezone="utc"), 'Dashboard "Shop": time zone "browser" -> "utc".'),
    "tooltip": (
        lambda d: d.update(graphTooltip=1),
        'Dashboard "Shop": tooltip of each panel -> with a shared crosshair.',
    ),
    "editable": (lambda d: d.update(editable=False), 'Dashboard "Shop": editable on -> off.'),
    "tag": (lambda d: d["tags"].append("team-a"), 'Dashboard "Shop": tag "team-a" added.'),
    "link": (
        lambda d: d["links"][0].update(url="https://wiki.example.com"),
        'Dashboard "Shop": URL of the link "Runbook" "https://runbooks.example.com/shop" -> "https://wiki.example.com".',
    ),
    "annotation": (
        lambda d: d["annotations"]["list"][0].update(enable=False),
        'Dashboard "Shop": annotation "Deploys" on -> off.',
    ),
    "annotation query": (
        lambda d: d["annotations"]["list"][0].update(expr="changes(build_info[1m]) > 0"),
        'Dashboard "Shop": query of annotation "Deploys" "changes(build_info[5m]) > 0" -> '
        '"changes(build_info[1m]) > 0".',
    ),
    "variable added": (
        lambda d: d["templating"]["list"].append({"name": "zone", "type": "custom", "query": "a,b"}),
        f'Variable "zone" {OF} is added.',
    ),
    "variable removed": (lambda d: d["templating"]["list"].pop(), f'Variable "pod" {OF} is removed.'),
    "variable query": (
        lambda d: d["templating"]["list"][1].update(query="label_values(up, pod)"),
        f'Variable "pod" {OF}: query "label_values(up{{job="shop"}}, pod)" -> "label_values(up, pod)".',
    ),
    "several values": (
        lambda d: d["templating"]["list"][1].update(multi=True, includeAll=True, allValue=".*"),
        f'Variable "pod" {OF}: several values off -> on, All off -> on and value of All ".*" added.',
    ),
    "variable regex": (
        lambda d: d["templating"]["list"][1].update(regex="/shop-.*/"),
        f'Variable "pod" {OF}: regex "/shop-.*/" added.',
    ),
    "variable refresh": (
        lambda d: d["templating"]["list"][1].update(refresh=2),
        f'Variable "pod" {OF}: refresh when the dashboard opens -> when the time range changes.',
    ),
    "variable default": (
        lambda d: d["templating"]["list"][1].update(current={"text": "shop-1", "value": "shop-1"}),
        f'Variable "pod" {OF}: default "shop-1" added.',
    ),
    "variable hidden": (
        lambda d: d["templating"]["list"][1].update(hide=2),
        f'Variable "pod" {OF}: display label and value -> hidden.',
    ),
    "row renamed": (lambda d: d["panels"][0].update(title="Load"), f'Row "Load" {OF}: title "Traffic" -> "Load".'),
    "row repeated": (
        lambda d: d["panels"][3].update(repeat="pod"),
        f'Row "Hosts" {OF}: repetition by variable "pod" added.',
    ),
    "row folded": (
        lambda d: d["panels"][3].update(collapsed=True, panels=[d["panels"].pop(4)]),
        f'Row "Hosts" {OF}: panels visible -> folded.',
    ),
    "row added": (
        lambda d: d["panels"].append(
            {"id": 8, "type": "row", "title": "Usage", "gridPos": {"x": 0, "y": 20, "w": 24, "h": 1}}
        ),
        f'Row "Usage" {OF} is added above "CPU".',
    ),
    "row removed": (lambda d: d["panels"].pop(3), f'Row "Hosts" {OF} is removed.'),
    "panel added": (lambda d: d["panels"].append(panel(7, "Disk", "disk_bytes")), f'Panel "Disk" {OF} is added.'),
    "panel removed": (lambda d: d["panels"].pop(4), f'Panel "Memory" {OF} is removed.'),
    "panel renamed": (lambda d: d["panels"][4].update(title="RAM"), f'Panel "RAM" {OF}: title "Memory" -> "RAM".'),
    "panel moved": (
        lambda d: d["panels"][2]["gridPos"].update(y=45),
        f'Panel "CPU" {OF}: row "Traffic" -> "Hosts".',
    ),
    "panel type": (lambda d: d["panels"][4].update(type="stat"), f'Panel "Memory" {OF}: type time series -> stat.'),
    "panel description": (
        lambda d: d["panels"][4].update(description="Resident."),
        f'Panel "Memory" {OF}: description "Resident." added.',
    ),
    "the data source of a panel whose queries name one": (
        lambda d: (
            d["panels"][4]["targets"][0].update(datasource={"type": "prometheus", "uid": "${ds}"}),
            d["panels"][4].update(datasource={"type": "prometheus", "uid": "${other}"}),
        ),
        f'Panel "Memory" {OF}: data source "${{ds}}" -> "${{other}}".',
    ),
    "data source": (
        lambda d: d["panels"][4].update(datasource="$other"),
        f'Panel "Memory" {OF}: data source "${{ds}}" -> "${{other}}".',
    ),
    "query": (
        lambda d: d["panels"][4]["targets"][0].update(expr="memory_rss_bytes"),
        f'Panel "Memory" {OF}: metric memory_bytes -> memory_rss_bytes.',
    ),
    "window": (
        lambda d: d["panels"][1]["targets"][0].update(expr='sum(rate(requests_total{job="shop"}[10m]))'),
        f'Panel "Requests" {OF}: window 5m -> 10m.',
    ),
    "query added": (
        lambda d: d["panels"][4]["targets"].append({"refId": "B", "expr": "limit_bytes"}),
        f'Panel "Memory" {OF}: query B "limit_bytes" added.',
    ),
    "query hidden": (
        lambda d: d["panels"][4]["targets"][0].update(hide=True),
        f'Panel "Memory" {OF}: query visible -> hidden.',
    ),
    "instant query": (
        lambda d: d["panels"][4]["targets"][0].update(instant=True),
        f'Panel "Memory" {OF}: evaluation range -> instant.',
    ),
    "legend": (
        lambda d: d["panels"][4]["targets"][0].update(legendFormat="{{node}}"),
        f'Panel "Memory" {OF}: legend "{{{{pod}}}}" -> "{{{{node}}}}".',
    ),
    "interval": (
        lambda d: d["panels"][4]["targets"][0].update(interval="1m"),
        f'Panel "Memory" {OF}: interval "1m" added.',
    ),
    "unit": (lambda d: defaults(d, 4).update(unit="bytes"), f'Panel "Memory" {OF}: unit "s" -> "bytes".'),
    "decimals": (lambda d: defaults(d, 4).update(decimals=0), f'Panel "Memory" {OF}: decimals 0 added.'),
    "minimum": (
        lambda d: defaults(d, 4).update(min=0, max=1.0),
        f'Panel "Memory" {OF}: minimum 0 added and maximum 1 added.',
    ),
    "threshold": (
        lambda d: defaults(d, 2)["thresholds"]["steps"][1].update(value=90),
        f'Panel "CPU" {OF}: threshold "red" 80 -> 90.',
    ),
    "threshold color": (
        lambda d: defaults(d, 2)["thresholds"]["steps"][0].update(color="blue"),
        f'Panel "CPU" {OF}: color of the thresholds at the base "green" -> "blue".',
    ),
    "threshold added": (
        lambda d: defaults(d, 2)["thresholds"]["steps"].append({"color": "orange", "value": 50}),
        f'Panel "CPU" {OF}: thresholds "green" and "red" from 80 -> "green", "orange" from 50 and "red" from 80.',
    ),
    "value mapping": (
        lambda d: defaults(d, 2)["mappings"][0]["options"]["1"].update(text="OK"),
        f'Panel "CPU" {OF}: value mapping of 1: text "Up" -> "OK".',
    ),
    "override": (
        lambda d: d["panels"][2]["fieldConfig"]["overrides"][0]["properties"][0].update(value=3),
        f'Panel "CPU" {OF}: line width of "limit" 2 -> 3.',
    ),
    "override added": (
        lambda d: d["panels"][4]["fieldConfig"]["overrides"].append(
            {"matcher": {"id": "byRegexp", "options": "max.*"}, "properties": [{"id": "unit", "value": "ms"}]}
        ),
        f'Panel "Memory" {OF}: override of fields like "max.*": unit "ms" added.',
    ),
    "transformation": (
        lambda d: d["panels"][2]["transformations"][0]["options"]["excludeByName"].update(job=True),
        f'Panel "CPU" {OF}: transformation organize: exclude by name job off -> on.',
    ),
    "transformation added": (
        lambda d: d["panels"][2]["transformations"].append({"id": "merge", "options": {}}),
        f'Panel "CPU" {OF}: transformation merge added.',
    ),
    "option": (
        lambda d: d["panels"][4].update(options={"legend": {"placement": "right"}}),
        f'Panel "Memory" {OF}: legend placement "bottom" (default) -> "right".',
    ),
    "stacking": (
        lambda d: defaults(d, 4).update(custom={"stacking": {"mode": "normal"}}),
        f'Panel "Memory" {OF}: stacking "none" (default) -> "normal".',
    ),
    "panel link": (
        lambda d: d["panels"][4].update(links=[{"title": "Logs", "url": "/explore"}]),
        f'Panel "Memory" {OF}: link "Logs" to "/explore" added.',
    ),
    "panel repeated": (
        lambda d: d["panels"][4].update(repeat="pod"),
        f'Panel "Memory" {OF}: repetition by variable "pod" added.',
    ),
}


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_is_one_sentence(case: str) -> None:
    edit, expected = EDITS[case]
    assert sentences(SHOP, edited(edit)) == [expected]


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_is_one_sentence_after_the_panels_are_numbered_anew(case: str) -> None:
    edit, expected = EDITS[case]

    def renumber(dashboard: Json) -> None:
        edit(dashboard)
        for index, each in enumerate(dashboard["panels"]):
            each["id"] = 6 - index

    assert sentences(SHOP, edited(renumber)) == [expected]


def without_defaults(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_defaults(item) for key, item in reversed(value.items()) if item not in (None, [])}
    return [without_defaults(item) for item in value] if isinstance(value, list) else value


def written_defaults(dashboard: Json) -> None:
    dashboard.update(graphTooltip=0, editable=True, timezone="", version=7, schemaVersion=41, fiscalYearStartMonth=0)
    dashboard["annotations"]["list"].append({"builtIn": 1, "enable": True, "name": "Annotations & Alerts"})
    dashboard["templating"]["list"][1].update(current={}, options=[], multi=False, allValue=None, hide=0, sort=0)
    memory = dashboard["panels"][4]
    memory["targets"][0].update(format="time_series", instant=False, range=True, editorMode="code", exemplar=False)
    memory.update(transparent=False, pluginVersion="12.0.0", links=[], description="")
    memory["options"] = {
        "legend": {"showLegend": True, "placement": "bottom", "calcs": []},
        "tooltip": {"mode": "single"},
    }
    steps = [{"color": "green"}, {"color": "red", "value": 80}]
    memory["fieldConfig"]["defaults"].update(
        custom={"lineWidth": 1, "drawStyle": "line", "hideFrom": {"viz": False}},
        color={"mode": "palette-classic"},
        thresholds={"mode": "absolute", "steps": steps},
        mappings=[],
    )


def spaced_queries(dashboard: Json) -> None:
    dashboard["panels"][1]["targets"][0]["expr"] = "sum (\n  rate(requests_total{ job='shop' }[300s]) # all\n)"
    dashboard["panels"][2]["targets"][0]["expr"] = 'rate(cpu_seconds_total{pod=~"${pod}"} [$__rate_interval])'
    dashboard["templating"]["list"][1]["query"] = {"query": "label_values( up{job='shop'} ,pod )", "refId": "x"}


SAME: dict[str, Callable[[Json], object]] = {
    "defaults that are written": written_defaults,
    "nothing instead of null and empty lists": lambda d: d.update(without_defaults(d)),
    "panels in another order in the file": lambda d: d["panels"].reverse(),
    "queries with other spaces, quotes and units of time": spaced_queries,
    "a data source as a text": lambda d: [
        each.update(datasource="$ds") for each in d["panels"] if each["type"] != "row"
    ],
}


@pytest.mark.parametrize("case", SAME)
def test_the_same_dashboard_has_no_changes(case: str) -> None:
    after = edited(SAME[case])
    assert sentences(SHOP, after) == []
    assert sentences(after, SHOP) == []


def test_a_position_is_a_change_of_the_layout() -> None:
    after = edited(lambda d: d["panels"][4]["gridPos"].update(x=12, w=6))
    assert [(each.risk, each.sentence) for each in changes(SHOP, after)] == [
        (
            "layout",
            'Dashboard "Shop": size of "Memory" 12x8 -> 6x8 and '
            'place of "Memory" column 0 line 48 -> column 12 line 48.',
        )
    ]


def test_an_edit_of_several_panels_is_one_sentence() -> None:
    def edit(dashboard: Json) -> None:
        for each in dashboard["panels"]:
            if each["type"] != "row":
                each["interval"] = "1m"

    assert [(each.sentence, each.count) for each in changes(SHOP, edited(edit))] == [
        ('All 3 panels of dashboard "Shop": interval "1m" added.', 3)
    ]


def test_a_removed_dashboard_breaks_its_links() -> None:
    text = json.dumps({"uid": "all", "title": "All", "panels": [], "links": [{"title": "Shop", "url": "/d/shop"}]})
    before = Artifacts(
        dashboards=[*read_text(json.dumps(SHOP), "shop.json").dashboards, *read_text(text, "all.json").dashboards]
    )
    after = Artifacts(dashboards=read_text(text, "all.json").dashboards)
    assert [(each.sentence, each.risk, each.effects) for each in dashboards.compare(before, after)] == [
        (
            'Dashboard "Shop" is removed.',
            "broken",
            ["Links and bookmarks to /d/shop break.", "Other dashboards link to it."],
        )
    ]
    assert [each.sentence for each in dashboards.compare(after, before)] == ['Dashboard "Shop" with 3 panels is added.']


def test_a_changed_uid_breaks_links() -> None:
    (change,) = changes(SHOP, edited(lambda d: d.update(uid="store")))
    assert (change.risk, change.effects) == ("history", ["Links and bookmarks to /d/shop break."])


def test_a_removed_variable_that_a_query_uses_is_broken() -> None:
    (change,) = changes(SHOP, edited(lambda d: d["templating"]["list"].pop()))
    assert (change.risk, change.effects) == ("broken", ['Still used by query A of panel "CPU".'])


def test_queries_without_names_are_named_in_their_order() -> None:
    before = edited(lambda d: d["panels"][4].update(targets=[{"expr": "a"}, {"expr": "b"}]))
    after = edited(lambda d: d["panels"][4].update(targets=[{"expr": "a"}, {"expr": "rate(c[5m])"}]))
    assert sentences(before, after) == [
        'Panel "Memory" of dashboard "Shop": query B "b" -> "rate(c[5m])".',
    ]


def test_only_changes_of_data_are_more_than_text() -> None:
    unit, window = (EDITS[case][0] for case in ("unit", "window"))
    assert [each.risk for each in changes(SHOP, edited(unit))] == ["text"]
    assert [each.risk for each in changes(SHOP, edited(window))] == ["changed"]
