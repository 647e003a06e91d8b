"""Features of models: how old they are, how many are missing, and how many rows a pipeline writes."""
