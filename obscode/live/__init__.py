"""What talks to running servers; the core never imports it."""
