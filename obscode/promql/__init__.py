"""PromQL and the small languages beside it: durations, regular expressions, alert templates, Grafana variables."""
