"""The types of PromQL expressions: labels, samples, values and units of every part, inferred from the syntax tree."""

from obscode.promql.types.interpreter import Types, infer
from obscode.promql.types.series import UNTYPED, ExprType, SeriesTypes, untyped

__all__ = ["UNTYPED", "ExprType", "SeriesTypes", "Types", "infer", "untyped"]
