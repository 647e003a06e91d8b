"""SLOs in recorded rules, and their changes: the generated rules of one SLO are one change."""
