"""Grafana dashboards in JSON, classic and v2, with the position of every value."""
