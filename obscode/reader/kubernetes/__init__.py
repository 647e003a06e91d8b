"""Objects of prometheus-operator, as the operator reads them."""
