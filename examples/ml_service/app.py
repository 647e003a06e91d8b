"""The service of the tutorial: it scores payments over HTTP, and shows what it does at /metrics.

Run it: `python -m examples.ml_service.app --port 8000 --host 127.0.0.1`
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from math import exp, log

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from prometheus_client import Histogram

from obscode.instrument import MetricsMiddleware, metrics_app

MODEL = "fraud-v1"

app = FastAPI(title="ml-service")
app.add_route("/metrics", metrics_app())
app.add_middleware(MetricsMiddleware)  # the last one added is the outermost: it sees what the others do

scores = Histogram(
    "model_prediction_score",
    "The scores that the model gave; a shift shows that its input drifts.",
    ["model"],
    buckets=[tenth / 10 for tenth in range(1, 11)],
)


def fraud_score(amount: float, hour: int) -> float:
    """The chance that a payment is a fraud: large ones are likelier, and those at night.

    It stands for a model, and fails like one on input that it was not made for: an amount of 0 has no logarithm.
    """
    evidence = 0.8 * log(amount) - 5.0 + (1.5 if hour < 6 else 0.0)
    return 1 / (1 + exp(-evidence))


@app.get("/predict")
def predict(amount: float = 100.0, hour: int = 12, crash: bool = False) -> dict[str, float | str]:
    """Scores one payment; `crash=true` is for the demo: it fails as a bug in the model's code would."""
    if crash:
        raise RuntimeError("the model crashed, as the request asked for")
    score = fraud_score(amount, hour)
    scores.labels(MODEL).observe(score)
    return {"model": MODEL, "score": round(score, 4)}


@app.get("/stream")
async def stream() -> StreamingResponse:
    """Scores of growing amounts, one line each: its latency is that of the last line."""
    return StreamingResponse(_lines(), media_type="text/plain")


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Whether the process answers at all."""
    return {"status": "ok"}


async def _lines() -> AsyncIterator[str]:
    for amount in (1, 10, 100, 1_000, 10_000):
        yield f"{amount} {fraud_score(amount, hour=12):.4f}\n"
        await asyncio.sleep(0.05)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")), help="$PORT, or 8000")
    options = parser.parse_args(arguments)
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
