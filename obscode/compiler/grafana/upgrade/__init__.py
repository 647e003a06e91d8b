"""Upgrade old forms of panels: for the JSON and the grafanalib objects of users."""
