"""The annotations of burn-rate alerts that notifications show, as Prometheus fills them in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from obscode import SLO, Project, ScrapeJob, Service
from obscode.artifacts.rules import AlertingRule, RuleGroup
from obscode.compiler import Definitions, compile
from obscode.model import sli
from obscode.renderers.prometheus.rules import rule_file_text
from obscode.toolchain import Tool
from obscode.verify.processes import run

ERRORS = sli.Ratio(errors='hits_total{code="500"}', total="hits_total", by=["model"])
GROUP = 'service="shop",slo="availability",model="a \\"b\\""'
BURNING = {f"slo:burn_rate:page{{{GROUP}}}": "21.6 21.6"}
BUDGET = {
    f"slo:error_budget_remaining:ratio{{{GROUP}}}": "0.6321 0.6321",
    f"slo:time_to_exhaustion:seconds{{{GROUP}}}": "75852 75852",
    'slo:error_budget_remaining:ratio{service="shop",slo="availability",model="other"}': "1 1",
}


@pytest.mark.parametrize(
    ("series", "remaining", "lasts"),
    [({**BURNING, **BUDGET}, "63.21%", "21h 4m 12s"), (BURNING, "", "")],
    ids=["with a budget", "before the first value of the budget"],
)
def test_prometheus_fills_in_burn_rate_and_budget(
    series: dict[str, str], remaining: str, lasts: str, promtool: Tool, tmp_path: Path
) -> None:
    shop = Service("shop", scrape=ScrapeJob(["localhost:8000"]), slos=[SLO("availability", 99.9, ERRORS)])
    (file,) = (each for each in compile(Definitions(Project("team"), [shop])).rule_files if each.name == "shop")
    (rule,) = (r for r in file.rules() if isinstance(r, AlertingRule) and r.name == "ShopAvailabilityBurnPage")
    added = ("burn_rate", "error_budget_remaining", "time_to_exhaustion")
    texts = {name: text for name, text in rule.annotations.items() if name in added}
    assert [*texts] == [*added]
    group = RuleGroup("g", [replace(rule, annotations=texts, for_="")], source=shop)
    (tmp_path / "rules.yml").write_text(rule_file_text(replace(file, groups=[group])))
    fired = {
        "exp_labels": {**rule.labels, "model": 'a "b"'},
        "exp_annotations": dict(zip(added, ("21.6", remaining, lasts), strict=True)),
    }
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [{"eval_time": "1m", "alertname": rule.name, "exp_alerts": [fired]}],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump({"rule_files": ["rules.yml"], "tests": [test]}))
    output = run(promtool, "test", "rules", "test.yml", folder=tmp_path)
    assert output.returncode == 0, output.stdout + output.stderr
