"""Findings: what is wrong with which value, at which line, and what to write instead."""
