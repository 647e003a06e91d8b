"""What all services share: intervals, the addresses of Prometheus and Grafana, and the receiver of alerts."""

from obscode import Environment, Project, Routing, receivers

project = Project(
    "ml-platform",
    scrape_interval="15s",
    evaluation_interval="15s",
    retention="30d",
    prometheus_url="http://localhost:9090",
    alertmanagers=["localhost:9093"],
    environments=[
        Environment("container", prometheus_url="http://prometheus:9090", alertmanagers=["alertmanager:9093"]),
    ],
)

routing = Routing(default=receivers.Webhook("ml-platform", url="http://localhost:5001/alerts"))
