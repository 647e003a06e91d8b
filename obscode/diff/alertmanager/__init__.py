"""Two versions of Alertmanager's configuration: which alerts go to whom, and how they are notified."""
