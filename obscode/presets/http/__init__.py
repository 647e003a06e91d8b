"""HTTP middlewares: what each one calls the same things. A new dialect is one file and one line here."""

from collections.abc import Mapping

from obscode.presets.http.bentoml import BENTOML
from obscode.presets.http.dialect import Dialect
from obscode.presets.http.fastapi_instrumentator import FASTAPI_INSTRUMENTATOR
from obscode.presets.http.obscode_instrument import OBSCODE
from obscode.presets.http.opentelemetry import OPENTELEMETRY
from obscode.presets.http.opentelemetry_old import OPENTELEMETRY_OLD
from obscode.presets.http.ray_serve import RAY_SERVE
from obscode.presets.http.starlette_exporter import STARLETTE_EXPORTER

#: The dialects, by name.
DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        OBSCODE,
        FASTAPI_INSTRUMENTATOR,
        STARLETTE_EXPORTER,
        OPENTELEMETRY,
        OPENTELEMETRY_OLD,
        BENTOML,
        RAY_SERVE,
    )
}
