"""Text Generation Inference 3: https://huggingface.co/docs/text-generation-inference/reference/metrics

It has no histogram of the time to the first token, and no labels.
"""

from __future__ import annotations

from itertools import accumulate, repeat
from operator import mul

from obscode.model.metrics import Counter, Gauge, Histogram
from obscode.presets.llm.engine import Engine

# As router/src/server.rs computes them: 0.0001 s, multiplied by 1.5 35 times.
_DURATIONS = [*accumulate(repeat(1.5, 35), mul, initial=0.0001)][1:]

TGI = Engine(
    "tgi",
    "Text Generation Inference",
    "3",
    source="https://huggingface.co/docs/text-generation-inference/reference/metrics",
    prefix="tgi_",
    catalog=(
        Gauge("tgi_queue_size"),
        Gauge("tgi_batch_current_size"),
        Counter("tgi_request_count"),
        Counter("tgi_request_success"),
        Counter("tgi_request_failure", labels=["err"]),
        Histogram("tgi_request_duration", buckets=_DURATIONS),
        Histogram("tgi_request_queue_duration", buckets=_DURATIONS),
        Histogram("tgi_request_mean_time_per_token_duration", buckets=_DURATIONS),
        Counter("tgi_batch_inference_success", labels=["method"]),
        Histogram("tgi_request_generated_tokens", buckets=[], more_labels=True),
        Histogram("tgi_request_input_length", buckets=[], more_labels=True),
    ),
    per_token="tgi_request_mean_time_per_token_duration",
    duration="tgi_request_duration",
    queue_time="tgi_request_queue_duration",
    # Mistakes of clients: validation and template. Those with "dropped" the client abandoned.
    failed='tgi_request_failure{err!~"validation|template|dropped"}',
    requests="tgi_request_count",
    running="tgi_batch_current_size",
    waiting="tgi_queue_size",
    prompt_tokens="tgi_request_input_length_sum",
    generated_tokens="tgi_request_generated_tokens_sum",
    progress="tgi_batch_inference_success",
)
