"""The parts of `presets.feature_drift`: when a statistic is evidence, and the dashboard."""
