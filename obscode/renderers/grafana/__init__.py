"""Grafana: dashboards in each of their formats, and provisioning."""
