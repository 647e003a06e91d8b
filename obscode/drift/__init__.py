"""How the configuration of running servers differs from the build."""
