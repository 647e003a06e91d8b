"""Alertmanager's routing: which receivers an alert reaches, and which alerts mute it, by its labels."""
