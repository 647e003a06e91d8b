"""HTTP clients of running Prometheus, Alertmanager and Grafana servers; they only read."""
