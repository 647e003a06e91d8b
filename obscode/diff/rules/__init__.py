"""Changes of recording rules, alerting rules and their groups."""
