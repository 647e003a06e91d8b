"""HTTP clients of running Prometheus, Alertmanager and Grafana servers.

They only read; series are written into a Prometheus that obscode runs itself.
"""
