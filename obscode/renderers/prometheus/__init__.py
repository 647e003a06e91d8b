"""Prometheus: configuration, rule files, unit-test files."""
