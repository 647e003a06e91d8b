"""A fleet of NVIDIA GPUs: what the DCGM exporter exposes, the classes of XIDs, alerts and rows."""
