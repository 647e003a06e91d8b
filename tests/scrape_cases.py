"""Scrape jobs for tests: one for each kind of discovery, each action of relabeling, each argument."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obscode import Probe, Pushgateway, ScrapeJob, Secret, discovery, http, relabel
from obscode.model.scrape import Job

_POD = "__meta_kubernetes_pod_"

JOBS: Mapping[str, Job] = {
    "static": ScrapeJob(
        ["shop:8000"], labels={"team": "a$b"}, discovery=discovery.Static(["old-shop:8000"], labels={"tier": "old"})
    ),
    "file": ScrapeJob(discovery=discovery.File(["targets/*.json", "single.yml"], refresh="10m"), labels={"x": "a$b"}),
    "dns": ScrapeJob(
        discovery=[discovery.DNS("_http._tcp.shop"), discovery.DNS(["a.shop", "b.shop"], type="A", port=8000)]
    ),
    "http": ScrapeJob(
        discovery=discovery.HTTP(
            "https://inventory.example.com/targets",
            refresh="5m",
            auth=http.BasicAuth("prometheus", password_file="/run/secrets/inventory"),
            tls=http.TLS(ca_file=Secret("inventory-ca", "ca.crt"), server_name="inventory"),
            proxy="http://proxy:3128",
        )
    ),
    "kubernetes": ScrapeJob(
        discovery=discovery.Kubernetes("pod", namespaces=["shop"], label_selector="app=shop", attach=["node"]),
        relabel=[
            relabel.Keep(f"{_POD}label_app", "shop|checkout"),
            relabel.Drop([f"{_POD}phase", f"{_POD}ready"], "Failed;.*"),
            relabel.KeepEqual(f"{_POD}annotation_port", f"{_POD}container_port_number"),
            relabel.DropEqual(f"{_POD}ip", f"{_POD}host_ip"),
            relabel.Replace("namespace", "__meta_kubernetes_namespace"),
            relabel.Replace(
                "__address__",
                ["__address__", f"{_POD}annotation_port"],
                regex=r"([^:]+)(?::\d+)?;(\d+)",
                replacement="$1:$2",
            ),
            relabel.HashMod("__tmp_shard", "__address__", modulus=4),
            relabel.LabelMap(f"{_POD}label_(.+)"),
            relabel.LabelDrop("pod_template_hash"),
            relabel.LabelKeep("__.*|namespace|app"),
            relabel.Lowercase("app", "app"),
            relabel.Uppercase("zone", ["namespace", "app"], separator="/"),
            {"source_labels": ["__tmp_shard"], "regex": "0", "action": "keep"},
        ],
        metric_relabel=[relabel.Drop("__name__", "go_gc_.*"), relabel.LabelDrop("pod_ip")],
    ),
    "kubernetes roles": ScrapeJob(
        discovery=[
            discovery.Kubernetes("node", api_server="https://k8s:6443", auth=http.Bearer("/run/secrets/k8s")),
            discovery.Kubernetes("service", own_namespace=True),
            discovery.Kubernetes("endpoints", selectors=[{"role": "service", "label": "app=shop"}]),
            discovery.Kubernetes("endpointslice", kubeconfig_file="/etc/prometheus/kubeconfig"),
            discovery.Kubernetes("ingress", field_selector="metadata.name=shop"),
        ]
    ),
    "consul": ScrapeJob(
        discovery=discovery.Consul(
            "consul:8500",
            services=["shop"],
            tags=["v2"],
            node_meta={"rack": "1"},
            datacenter="eu",
            namespace="team",
            partition="p",
            scheme="https",
            allow_stale=False,
            refresh="1m",
            auth=http.Bearer("/run/secrets/consul"),
            settings={"tag_separator": ";"},
        )
    ),
    "ec2": ScrapeJob(
        discovery=discovery.EC2(
            "eu-west-1",
            port=9100,
            filters={"tag:team": ["shop", "checkout"]},
            profile="prometheus",
            role_arn="arn:aws:iam::1:role/prometheus",
            endpoint="https://ec2.example.com",
        )
    ),
    "raw": ScrapeJob(discovery=discovery.Raw("docker_sd_configs", [{"host": "unix:///var/run/docker.sock"}])),
    "plain data": ScrapeJob(discovery={"digitalocean_sd_configs": [{"port": 9100}], "linode_sd_configs": [{}]}),
    "probe": Probe("http_2xx", ["https://shop.example.com/"], prober="blackbox:9115", params={"debug": ["true"]}),
    "probe of ingresses": Probe(
        "http_2xx",
        discovery=discovery.Kubernetes("ingress"),
        relabel=[
            relabel.Replace(
                "__param_target",
                [f"__meta_kubernetes_ingress_{part}" for part in ("scheme", "host", "path")],
                regex="(.+);(.+);(.+)",
                replacement="${1}://${2}${3}",
            )
        ],
    ),
    "pushgateway": Pushgateway(["pushgateway:9091"]),
    "all arguments": ScrapeJob(
        ["shop:8000"],
        path="/stats",
        interval="30s",
        timeout="10s",
        params={"collect": ["a", "b"]},
        scheme="https",
        honor_labels=True,
        honor_timestamps=False,
        auth=http.OAuth2("shop", client_secret_file="/run/secrets/shop", token_url="https://login.example.com/token"),
        tls=http.TLS(insecure_skip_verify=True),
        proxy=http.Proxy("http://proxy:3128"),
        follow_redirects=False,
        enable_http2=False,
        sample_limit=5000,
        label_limit=50,
        label_name_length_limit=100,
        label_value_length_limit=200,
        target_limit=100,
        body_size_limit="10MB",
    ),
}

#: Arguments that Prometheus 2.42 does not have.
NEWER = ScrapeJob(
    ["shop:8000"],
    enable_compression=False,
    keep_dropped_targets=10,
    scrape_protocols=["PrometheusProto", "OpenMetricsText1.0.0"],
    fallback_scrape_protocol="PrometheusText0.0.4",
    always_scrape_classic_histograms=True,
    native_histogram_bucket_limit=160,
    metric_name_validation_scheme="legacy",
    settings={"track_timestamps_staleness": True, "metric_name_escaping_scheme": "underscores"},
)

#: Each other discovery of Prometheus 3.5, as in its documentation, without secrets in the text.
OTHERS: Mapping[str, Any] = {
    "azure_sd_configs": {"subscription_id": "s", "tenant_id": "t", "authentication_method": "ManagedIdentity"},
    "digitalocean_sd_configs": {"authorization": {"credentials_file": "/run/secrets/token"}},
    "docker_sd_configs": {"host": "unix:///var/run/docker.sock"},
    "dockerswarm_sd_configs": {"host": "http://127.0.0.1:2375", "role": "nodes"},
    "eureka_sd_configs": {"server": "http://eureka:8761/eureka"},
    "gce_sd_configs": {"project": "p", "zone": "z"},
    "hetzner_sd_configs": {"role": "hcloud", "authorization": {"credentials_file": "/run/secrets/token"}},
    "ionos_sd_configs": {"datacenter_id": "d", "authorization": {"credentials_file": "/run/secrets/token"}},
    "kuma_sd_configs": {"server": "http://kuma:5676"},
    "lightsail_sd_configs": {"region": "us-east-1", "profile": "p"},
    "linode_sd_configs": {"authorization": {"credentials_file": "/run/secrets/token"}},
    "marathon_sd_configs": {"servers": ["https://marathon:443"], "auth_token_file": "/run/secrets/token"},
    "nerve_sd_configs": {"servers": ["localhost"], "paths": ["/monitoring"]},
    "nomad_sd_configs": {"server": "http://localhost:4646"},
    "openstack_sd_configs": {"role": "instance", "region": "RegionOne", "port": 80},
    "ovhcloud_sd_configs": {
        "service": "vps",
        "endpoint": "ovh-eu",
        "application_key": "k",
        "application_secret": "s",
        "consumer_key": "c",
    },
    "puppetdb_sd_configs": {"url": "https://puppet/", "query": "resources { type = 'Package' }", "port": 80},
    "scaleway_sd_configs": {
        "role": "instance",
        "project_id": "11111111-1111-1111-1111-111111111112",
        "access_key": "SCWXXXXXXXXXXXXXXXXX",
        "secret_key_file": "/run/secrets/scaleway",
    },
    "serverset_sd_configs": {"servers": ["localhost"], "paths": ["/monitoring"]},
    "triton_sd_configs": {"account": "a", "dns_suffix": "triton", "endpoint": "triton"},
    "uyuni_sd_configs": {"server": "https://uyuni", "username": "u", "password": "p"},
    "vultr_sd_configs": {"authorization": {"credentials_file": "/run/secrets/token"}},
}
#: Discoveries that only newer versions have.
NEWER_OTHERS: Mapping[str, Any] = {
    "stackit_sd_configs": {"project": "p", "service_account_key_path": "/run/secrets/stackit"},
}
