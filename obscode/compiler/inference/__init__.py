"""Panel defaults inferred from expressions: unit, legend, description, decimals."""
