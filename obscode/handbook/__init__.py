"""Pages for people on call: a page per service with its SLOs, alerts, panels and scrape jobs."""
