"""Bring old panel formats up to date: for users' JSON and grafanalib objects."""
