"""Two versions of a Grafana dashboard: what is equal to Grafana, and what changes."""
