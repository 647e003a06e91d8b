"""Dashboard variables: the namespace `obscode.variables`."""

from obscode.model.dashboard import CustomVariable as _CustomVariable
from obscode.model.dashboard import QueryVariable as _QueryVariable
from obscode.model.dashboard import TextVariable as _TextVariable
from obscode.model.dashboard import Variable as Variable

Custom = _CustomVariable
Query = _QueryVariable
Text = _TextVariable
