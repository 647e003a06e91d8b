"""Grafana's data source: authentication and TLS without a secret in the file."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from finding_text import finding_text

from obscode import GrafanaDatasource, Project, Secret, http, render
from obscode.compiler import Definitions, compile
from obscode.model.argument_types import problems


def written(datasource: GrafanaDatasource | None) -> dict[str, Any]:
    """The data source in the provisioning file."""
    files = render(compile(Definitions(Project("team", datasource=datasource))))
    (text,) = [file.text for file in files if "datasources" in file.path]
    (result,) = yaml.safe_load(text)["datasources"]
    assert isinstance(result, dict)
    return result


GENERAL = written(None)
FILE = "/run/secrets/prometheus"
CASES = {
    "basic authentication": (
        GrafanaDatasource(auth=http.BasicAuth("grafana", password_file=FILE)),
        {"basicAuth": True, "basicAuthUser": "grafana", "secureJsonData": {"basicAuthPassword": f"$__file{{{FILE}}}"}},
    ),
    "an environment variable": (
        GrafanaDatasource(auth=http.BasicAuth("grafana", password_file="$PASSWORD")),
        {"basicAuth": True, "basicAuthUser": "grafana", "secureJsonData": {"basicAuthPassword": "$PASSWORD"}},
    ),
    "a token of a Kubernetes Secret": (
        GrafanaDatasource(auth=http.Bearer(Secret("prometheus", "token"))),
        {
            "jsonData": {**GENERAL["jsonData"], "httpHeaderName1": "Authorization"},
            "secureJsonData": {"httpHeaderValue1": "Bearer $__file{/etc/grafana/secrets/prometheus/token}"},
        },
    ),
    "TLS": (
        GrafanaDatasource(
            url="https://prometheus.internal:9090",
            tls=http.TLS(ca_file="/ca", cert_file="/cert", key_file="/key", server_name="prometheus"),
        ),
        {
            "url": "https://prometheus.internal:9090",
            "jsonData": {
                **GENERAL["jsonData"],
                "tlsAuthWithCACert": True,
                "tlsAuth": True,
                "serverName": "prometheus",
            },
            "secureJsonData": {
                "tlsCACert": "$__file{/ca}",
                "tlsClientCert": "$__file{/cert}",
                "tlsClientKey": "$__file{/key}",
            },
        },
    ),
    "further settings": (
        GrafanaDatasource(
            name="Mimir",
            auth=http.Bearer(FILE, type="Token"),
            settings={
                "jsonData": {"prometheusType": "Mimir", "httpHeaderName2": "X-Scope-OrgID"},
                "secureJsonData": {"httpHeaderValue2": Secret("mimir", "tenant")},
                "orgId": 2,
            },
        ),
        {
            "name": "Mimir",
            "orgId": 2,
            "jsonData": {
                **GENERAL["jsonData"],
                "httpHeaderName1": "Authorization",
                "prometheusType": "Mimir",
                "httpHeaderName2": "X-Scope-OrgID",
            },
            "secureJsonData": {
                "httpHeaderValue1": f"Token $__file{{{FILE}}}",
                "httpHeaderValue2": "$__file{/etc/grafana/secrets/mimir/tenant}",
            },
        },
    ),
}


@pytest.mark.parametrize(("datasource", "expected"), CASES.values(), ids=CASES)
def test_a_datasource_has_the_settings_of_its_arguments(
    datasource: GrafanaDatasource, expected: dict[str, Any]
) -> None:
    assert list(problems(datasource)) == []
    assert written(datasource) == {**GENERAL, **expected}


def test_an_invalid_url_is_reported() -> None:
    assert finding_text(problems(GrafanaDatasource(url="prometheus:9090"))) == (
        "error[invalid-url]: 'prometheus:9090' is not a URL\n  hint: write \"http://prometheus:9090\""
    )
