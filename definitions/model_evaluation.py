"""Each night, a batch job compares predictions with the labels that arrived later: examples/batch_evaluation."""

from obscode import Alert, AlertTest, Row, env, metrics, panels, presets

_JOB = '{job="model-evaluation"}'
_ACCURACY, _RECALL, _SIZE = (
    f"{name}{_JOB}" for name in ("model_accuracy_ratio", "model_recall_ratio", "batch_job_sample_size")
)


def _test(name: str, accuracy: float, samples: int, *, is_firing: bool) -> AlertTest:
    labels = '{job="model-evaluation",model="payments"}'
    series = {
        f"model_accuracy_ratio{labels}": f"{accuracy}x60",
        f"batch_job_sample_size{labels}": f"{samples}x60",
    }
    return AlertTest(name, series, fires=["1h"] if is_firing else [], quiet=[] if is_firing else ["1h"])


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
    ],
    alerts=[
        Alert(
            "ModelAccuracyLow",
            f"{presets.wilson_upper(_ACCURACY, _SIZE)} < 0.9",
            severity="ticket",
            summary="The accuracy of {{ $labels.model }} is below 90 %",
            description="The upper bound of its confidence interval is below the target: it is not by chance.",
            panel="Quality/Accuracy",
            tests=[
                _test("88 % of many predictions", 0.88, 20_000, is_firing=True),
                _test("88 % of few predictions", 0.88, 50, is_firing=False),
                _test("92 %", 0.92, 20_000, is_firing=False),
            ],
        ),
    ],
    dashboard=[
        Row(
            "Quality",
            panels.TimeSeries(
                "Accuracy",
                _ACCURACY,
                legend="{{model}}",
                unit="percentunit",
                description="The share of correct predictions in the last evaluation.",
            ),
            panels.TimeSeries(
                "Recall",
                _RECALL,
                legend="{{model}}",
                unit="percentunit",
                description="The share of the positives that the model finds.",
            ),
        ),
    ],
)
