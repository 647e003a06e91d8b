"""Grafana dashboards as Python: the JSON becomes a definition, and is compared with what that compiles to."""
