"""Relabeling as Prometheus does it: what the steps of `relabel_configs` make of the labels of a target."""
