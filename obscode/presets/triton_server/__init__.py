"""The parts of `presets.triton`: the metrics of Triton Inference Server, alerts and rows."""
