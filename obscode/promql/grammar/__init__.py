"""The grammar of PromQL, as the newest Prometheus has it: why an expression is rejected, and where.

promql-parser builds the trees that checks read. It knows no positions, and not the newest syntax; for what it rejects,
this package finds the token that is wrong, or the features that it does not know.
"""

from obscode.promql.grammar.features import Feature, may_have_features, unknown_features
from obscode.promql.grammar.lexer import GrammarError
from obscode.promql.grammar.parser import Analysis, analyse

__all__ = ["Analysis", "Feature", "GrammarError", "analyse", "may_have_features", "unknown_features"]
