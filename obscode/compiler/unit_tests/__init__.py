"""Generated promtool unit tests."""
