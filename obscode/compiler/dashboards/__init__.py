"""Dashboards that follow from services and SLOs: ordinary definitions, made by pure functions.

What they show is what the rules record and the catalog declares, so that no panel is empty while there is data.
"""
