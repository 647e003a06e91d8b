"""Artifacts: plain, frozen values between definitions and files, whether compiled or read from existing files."""
