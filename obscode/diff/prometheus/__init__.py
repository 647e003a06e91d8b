"""Two versions of Prometheus' configuration: jobs, targets, relabeling, where rules and samples go."""
