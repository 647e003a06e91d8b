"""Scrape jobs: the targets from which Prometheus scrapes a service's metrics. A new kind is one file and one line."""

from obscode.model.scrape.addresses import validate_address as validate_address
from obscode.model.scrape.base import Job as Job
from obscode.model.scrape.base import interval_findings as interval_findings
from obscode.model.scrape.job import ScrapeJob as ScrapeJob
from obscode.model.scrape.monitors import PodMonitor as PodMonitor
from obscode.model.scrape.monitors import ServiceMonitor as ServiceMonitor
from obscode.model.scrape.probe import Probe as Probe
from obscode.model.scrape.pushgateway import Pushgateway as Pushgateway
