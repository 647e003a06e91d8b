"""Dashboards as self-contained HTML pages, with data that a real Prometheus evaluates."""
