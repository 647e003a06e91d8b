"""The demo's project: everything at a second's pace, on loopback.

The demo chooses free ports.
"""

import os

from obscode import Project, Routing, receivers

PROMETHEUS = os.environ.get("DEMO_PROMETHEUS", "127.0.0.1:19090")
ALERTMANAGER = os.environ.get("DEMO_ALERTMANAGER", "127.0.0.1:19093")
RECEIVER = os.environ.get("DEMO_RECEIVER", "127.0.0.1:15001")

project = Project(
    "demo",
    scrape_interval="1s",
    evaluation_interval="1s",
    slo_interval="5s",
    prometheus_url=f"http://{PROMETHEUS}",
    alertmanagers=[ALERTMANAGER],
)

routing = Routing(
    default=receivers.Webhook("demo", url=f"http://{RECEIVER}/alerts"),
    group_wait="1s",
    group_interval="2s",
    repeat_interval="1h",
)
