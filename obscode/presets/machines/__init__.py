"""Machines and processes: what the node exporter and the client libraries expose, alerts and rows."""
