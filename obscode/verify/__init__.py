"""Run the real tools on the output: promtool, amtool, unit tests, mutation testing, live servers."""
