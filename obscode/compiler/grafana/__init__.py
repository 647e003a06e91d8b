"""Dashboard definitions to Grafana's classic JSON model."""
