"""Two versions of a Kubernetes object, field by field, beside the rules, dashboards and configurations in it."""
