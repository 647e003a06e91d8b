"""Kubernetes objects: one module per kind of object."""
