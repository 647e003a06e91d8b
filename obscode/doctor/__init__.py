"""Faults of a running monitoring system, each with a remedy."""
