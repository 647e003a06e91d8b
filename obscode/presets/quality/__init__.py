"""The parts of `presets.model_quality`: names of metrics, recorded counts, alerts, and rows of the dashboard."""
