"""`obscode explain target` prints what relabeling makes of a target."""

from __future__ import annotations

import pytest
from conftest import ProjectFolder

SHOP = """
    shop = Service(
        "shop",
        scrape=ScrapeJob(
            env.pick(local=["localhost:1"], default=["shop:8000"]),
            labels={"team": "shop"},
            interval="30s",
            relabel=[
                relabel.Keep("team", "shop|search"),
                relabel.Replace("__address__", ["__address__"], regex="([^:]+):.*", replacement="$1:9000"),
                relabel.Replace("x", "missing"),
                relabel.LabelDrop("team"),
                relabel.DropEqual("missing", "__param_x"),
            ],
            ignore={"source-label": "an example"},
        ),
    )
"""


def test_each_step_is_printed_with_its_effect(project_folder: ProjectFolder) -> None:
    project_folder.write(shop=SHOP, project='project = Project("team", environments=[Environment("local")])\n')
    result = project_folder.run("explain", "target", "shop", "__param_x=1")
    assert result.out == (
        "A target of job shop, before relabeling:\n"
        "  __address__          shop:8000\n"
        "  __metrics_path__     /metrics\n"
        "  __param_x            1\n"
        "  __scheme__           http\n"
        "  __scrape_interval__  30s\n"
        "  __scrape_timeout__   10s\n"
        "  job                  shop\n"
        "  team                 shop\n"
        "\n"
        "Relabeling:\n"
        "  1. keep source_labels=[team] regex=shop|search\n"
        "     keeps the target: the value is 'shop'\n"
        "  2. replace source_labels=[__address__] regex=([^:]+):.* target_label=__address__ replacement=$1:9000\n"
        "     __address__: shop:9000\n"
        "  3. replace source_labels=[missing] target_label=x\n"
        "     no change: the value is ''\n"
        "  4. labeldrop regex=team\n"
        "     removes team\n"
        "  5. dropequal source_labels=[missing] target_label=__param_x\n"
        "     keeps the target: '' is compared with __param_x '1'\n"
        "\n"
        "Prometheus scrapes http://shop:9000/metrics?x=1 every 30s, with a timeout of 10s.\n"
        "Its series have the labels:\n"
        "  instance  shop:9000\n"
        "  job       shop\n"
    )


@pytest.mark.parametrize(
    ("arguments", "end"),
    [
        (["team=other"], "Prometheus drops the target: step 1 of relabeling does.\n"),
        (
            ["__scrape_timeout__=1h"],
            "Prometheus drops the target: the timeout 1h is longer than the interval 30s.\n",
        ),
        (["--environment", "local"], "  instance  localhost:9000\n  job       shop\n"),
    ],
)
def test_the_last_lines_say_what_is_scraped(project_folder: ProjectFolder, arguments: list[str], end: str) -> None:
    project_folder.write(shop=SHOP, project='project = Project("team", environments=[Environment("local")])\n')
    assert project_folder.run("explain", "target", "shop", "__param_x=1", *arguments).out.endswith(end)


def test_a_target_without_an_address_is_dropped(project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = Service("shop", scrape=ScrapeJob(discovery=discovery.Kubernetes("pod")))')
    result = project_folder.run("explain", "target", "shop")
    assert result.out.endswith("Prometheus drops the target: it has no address. Write __address__=HOST:PORT.\n")


def test_a_job_of_a_file_has_the_defaults_of_the_file(project_folder: ProjectFolder) -> None:
    text = "global: {scrape_interval: 1m30s}\nscrape_configs:\n- job_name: a\n  static_configs: [{targets: ['b:1']}]\n"
    (project_folder.root / "prometheus.yml").write_text(text)
    result = project_folder.run("explain", "target", "a", "--config", "prometheus.yml")
    assert "Prometheus scrapes http://b:1/metrics every 1m30s, with a timeout of 10s.\n" in result.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shpo"], "error[invalid-argument]: there is no scrape job 'shpo'\n  hint: did you mean 'shop'?\n"),
        (
            [],
            "error[invalid-argument]: explain target needs the name of a scrape job\n"
            "  hint: write obscode explain target JOB __address__=HOST:PORT LABEL=VALUE ...\n",
        ),
    ],
)
def test_an_unknown_job_is_reported(project_folder: ProjectFolder, arguments: list[str], message: str) -> None:
    project_folder.write(shop=SHOP, project='project = Project("team", environments=[Environment("local")])\n')
    result = project_folder.run("explain", "target", *arguments)
    assert (result.err, result.exit) == (message, 2)


@pytest.mark.parametrize(("address", "shard"), [("shop:8000", 1), ("shop:8002", 0)])
def test_the_shard_that_scrapes_a_target_is_named_with_its_steps(
    project_folder: ProjectFolder, address: str, shard: int
) -> None:
    project_folder.write(
        shop='shop = Service("shop", scrape=ScrapeJob(["shop:8000", "shop:8002"]))\n',
        project='project = Project("team", prometheus=PrometheusServer(shards=2))\n',
    )
    out = project_folder.run("explain", "target", "shop", f"__address__={address}").out
    assert (
        f"  2. keep source_labels=[__tmp_shard] regex={shard}\n     keeps the target: the value is '{shard}'\n" in out
    )
    assert out.endswith(f"\nIt is scraped by shard {shard}, whose steps these are.\n")


def test_a_target_on_the_machine_of_each_shard_is_scraped_by_all(project_folder: ProjectFolder) -> None:
    project_folder.write(
        shop='shop = Service("shop", scrape=ScrapeJob(["localhost:8000"]))\n',
        project='project = Project("team", prometheus=PrometheusServer(shards=2))\n',
    )
    out = project_folder.run("explain", "target", "shop").out
    assert out.endswith("\nIt is scraped by the shards 0, 1.\n")
