"""Existing files of Prometheus, Alertmanager and Grafana as definitions in Python: `obscode import`."""
