"""When alerts would have fired on recorded series."""
