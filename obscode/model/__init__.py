"""What a user writes: frozen definitions, without any output."""
