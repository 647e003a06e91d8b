"""The example service: it scores payments over HTTP and exposes metrics at /metrics.

Run it: `python -m examples.ml_service.app --port 8000 --host 127.0.0.1`
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from math import exp, log

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from prometheus_client import Gauge, Histogram

from obscode.instrument import MetricsMiddleware, metrics_app

MODEL = "fraud-v1"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """What each worker does before its first request, also if its server loads the app only once for all."""
    workers.labels(MODEL).set(1)
    yield


app = FastAPI(title="ml-service", lifespan=lifespan)
app.add_route("/metrics", metrics_app())
app.add_middleware(MetricsMiddleware)  # the last added middleware is the outermost: it measures the others too

scores = Histogram(
    "model_prediction_score",
    "Prediction scores of the model; a shift indicates drifting input.",
    ["model"],
    buckets=[tenth / 10 for tenth in range(1, 11)],
)

# Of several workers, the sum of those that run is exposed: "livesum".
workers = Gauge("model_workers", "Workers that have loaded the model.", ["model"], multiprocess_mode="livesum")


def fraud_score(amount: float, hour: int) -> float:
    """The probability that a payment is a fraud: higher for large payments, and at night.

    It replaces a model, and fails like one on unexpected input: an amount of 0 has no logarithm.
    """
    evidence = 0.8 * log(amount) - 5.0 + (1.5 if hour < 6 else 0.0)
    return 1 / (1 + exp(-evidence))


@app.get("/predict")
def predict(amount: float = 100.0, hour: int = 12, crash: bool = False) -> dict[str, float | str]:
    """Score one payment; with `crash=true` the request fails as with a bug in the model, for the demo."""
    if crash:
        raise RuntimeError("the model crashed because the request has crash=true")
    score = fraud_score(amount, hour)
    scores.labels(MODEL).observe(score)
    return {"model": MODEL, "score": round(score, 4)}


@app.get("/stream")
async def stream() -> StreamingResponse:
    """Scores of increasing amounts, one line each; the latency of the response includes the last line."""
    return StreamingResponse(_lines(), media_type="text/plain")


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Liveness: the process answers."""
    return {"status": "ok"}


async def _lines() -> AsyncIterator[str]:
    for amount in (1, 10, 100, 1_000, 10_000):
        yield f"{amount} {fraud_score(amount, hour=12):.4f}\n"
        await asyncio.sleep(0.05)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the process is stopped."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")), help="$PORT, or 8000")
    options = parser.parse_args(arguments)
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
