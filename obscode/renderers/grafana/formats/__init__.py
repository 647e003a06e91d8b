"""The formats a dashboard is written in beside the classic one."""
