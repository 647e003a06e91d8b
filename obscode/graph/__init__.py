"""What is computed from what: metrics, recording rules, SLOs, alerts, receivers, panels and dashboards."""
