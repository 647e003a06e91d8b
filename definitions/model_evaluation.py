"""Each night, a batch job compares predictions with the labels that arrived later: examples/batch_evaluation."""

from obscode import env, metrics, presets

pushgateway = presets.pushgateway(
    [env.pick(container="pushgateway:9091", default="localhost:9091")],
    runbook="https://runbooks.example.com/pushgateway",
)

evaluation = presets.batch_job(
    "model-evaluation",
    every="1d",
    max_duration="2h",
    owner="ml-platform",
    description="Compares the predictions of ml-service with the labels that arrive later.",
    runbook="https://runbooks.example.com/model-evaluation",
    results=[
        metrics.Gauge("model_accuracy_ratio", labels=["model"], help="Share of correct predictions."),
        metrics.Gauge("model_recall_ratio", labels=["model"], help="Share of the positives that the model finds."),
        metrics.Gauge("model_recall_sample_size", labels=["model"], help="Positives in the sample."),
    ],
    at_least={"model_accuracy_ratio": 0.9, "model_recall_ratio": 0.8},
)
