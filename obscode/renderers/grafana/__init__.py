"""Grafana: dashboards and provisioning."""
