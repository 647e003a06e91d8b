"""Series of typed metrics and of queries, generated for scenarios such as a normal day or an error burst."""
