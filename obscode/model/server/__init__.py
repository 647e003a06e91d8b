"""The settings of a Prometheus server beside its scrape jobs and rules."""
