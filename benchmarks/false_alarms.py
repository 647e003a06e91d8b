"""Simulate 1,000 days of a model without a fault, and of one with a fault, and count what the alerts report.

The conditions are those of `presets.model_quality` and `presets.feature_drift` in Python; tests/test_false_alarms.py
compares them with the rules in promtool. docs/quality.md has upper bounds of these numbers.

    python -m benchmarks.false_alarms
    python -m benchmarks.false_alarms --seed 2
"""

from __future__ import annotations

import argparse
import random
from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from math import ceil, log, sqrt
from statistics import NormalDist

from obscode.model_metrics import psi
from obscode.presets.drift.limits import FEWEST
from obscode.presets.model_quality import CONFIDENCE

DAYS = 1000
SIZES = (50, 100, 200, 500, 1000, 5000)
FEATURES = (1, 10, 50)
_REFERENCE = 10_000
_BINS = 10
# The alert stays for a quarter of the window of a day: alarms within that time are one notification.
_KEEP = 0.25


# --- conditions ----------------------------------------------------------------------------------------------------


def fewest_labels(target: float) -> int:
    """The labels that an alert needs."""
    return max(100, ceil(round(30 / min(target, 1 - target), 6)))


def is_low(wrong: int, labels: int, target: float) -> bool:
    """Whether `ModelAccuracyLow` holds: the upper bound of Wilson's interval is below the target."""
    if labels < fewest_labels(target):
        return False
    z = NormalDist().inv_cdf(CONFIDENCE)
    share = 1 - wrong / labels
    middle = share + z * z / 2 / labels
    width = z * sqrt(share * (1 - share) / labels + z * z / 4 / labels**2)
    return (middle + width) / (1 + z * z / labels) < target


def psi_is_high(index: float, size: int, reference: int, limit: float = 0.2) -> bool:
    """Whether the part of `ModelFeatureDrift` about PSI holds in one run."""
    return min(size, reference) >= FEWEST and index > limit + (_BINS - 1) * (1 / size + 1 / reference)


def ks_is_high(distance: float, size: int, reference: int, features: int, limit: float = 0.15) -> bool:
    """Whether the part of `ModelFeatureDrift` about KS holds in one run."""
    chance = sqrt((1 / size + 1 / reference) / 2 * (log(features) + log(2 / 1e-4)))
    return min(size, reference) >= FEWEST and distance > limit and distance > chance


# --- labels --------------------------------------------------------------------------------------------------------


def accuracy_alarms(labels: int, true: float, target: float, dice: random.Random, days: int = DAYS) -> int:
    """Notifications of `ModelAccuracyLow` in a window of a day that is evaluated after each label.

    Only a wrong label can start an alarm, so the others are skipped.
    """
    least = next((wrong for wrong in range(labels + 1) if is_low(wrong, labels, target)), labels + 1)
    alarms, until, position = 0, -1.0, 0
    recent: deque[int] = deque()
    while (position := position + _until_next(1 - true, dice)) < labels * days:
        recent.append(position)
        while recent[0] <= position - labels:
            recent.popleft()
        if len(recent) >= least and position >= labels:
            alarms += position > until
            until = position + _KEEP * labels
    return alarms


def _until_next(share: float, dice: random.Random) -> int:
    """Labels until the next wrong one."""
    return 1 + int(log(1 - dice.random()) / log(1 - share))


def daily_alarms(labels: int, true: float, target: float, dice: random.Random, days: int = DAYS) -> int:
    """Days on which the alert fires, if the labels of a day arrive together."""
    wrong = (sum(dice.random() >= true for _ in range(labels)) for _ in range(days))
    return sum(is_low(each, labels, target) for each in wrong)


# --- features ------------------------------------------------------------------------------------------------------

Draw = Callable[[random.Random, int], list[float]]


def continuous(dice: random.Random, size: int) -> list[float]:
    """PSI of deciles and KS do not depend on the distribution of a continuous feature."""
    return [dice.random() for _ in range(size)]


def shifted(by: float) -> Draw:
    """A normal distribution that is shifted, in standard deviations, in quantiles of the one without a shift."""
    quantile = NormalDist().cdf
    return lambda dice, size: [quantile(dice.gauss(by, 1)) for _ in range(size)]


def skewed(dice: random.Random, size: int) -> list[float]:
    """Ten categories, the rarest of which has a share of 0.2 %."""
    return [float(each) for each in dice.choices(range(10), [2**-n for n in range(10)], k=size)]


class Feature:
    """A feature with its reference; a run compares a sample with it."""

    def __init__(self, dice: random.Random, reference: int, draw: Draw = continuous) -> None:
        self.values = sorted(draw(dice, reference))
        deciles = (self.values[reference * step // _BINS] for step in range(1, _BINS))
        self.cuts = [cut for cut in dict.fromkeys(deciles) if cut < self.values[-1]]
        self.counts = self._binned(self.values)

    def _binned(self, values: Sequence[float]) -> Mapping[int, int]:
        return Counter(bisect_left(self.cuts, value) for value in values)

    def psi(self, values: Sequence[float]) -> float:
        return psi(self.counts, self._binned(values))

    def ks(self, values: Sequence[float]) -> float:
        """The greatest difference is at a value of the sample, or just before it."""
        ascending, size, greatest = sorted(values), len(values), 0.0
        for n, value in enumerate(ascending):
            above, below = bisect_right(self.values, value), bisect_left(self.values, value)
            greatest = max(greatest, (n + 1) / size - above / len(self.values), below / len(self.values) - n / size)
        return greatest


def drift_alarms(
    size: int,
    features: int,
    dice: random.Random,
    *,
    days: int = DAYS,
    reference: int = _REFERENCE,
    before: Draw = continuous,
    draw: Draw = continuous,
) -> Counter[str]:
    """Notifications of PSI, KS and the share of drifted features, in two consecutive daily runs.

    `PSI 0.1` and `PSI 0.2` are runs in which a plain limit would report a feature.
    """
    known = [Feature(dice, reference, before) for _ in range(features)]
    result: Counter[str] = Counter()
    held: Counter[object] = Counter()
    for _ in range(days):
        now: dict[object, str] = {}
        mild = 0
        for number, feature in enumerate(known):
            values = draw(dice, size)
            index, distance = feature.psi(values), feature.ks(values)
            result["plain PSI above 0.1"] += index > 0.1
            if psi_is_high(index, size, reference):
                now["PSI", number] = "PSI"
            if ks_is_high(distance, size, reference, features):
                now["KS", number] = "KS"
            mild += psi_is_high(index, size, reference, 0.1) or ks_is_high(distance, size, reference, features, 0.075)
        if features >= 3 and mild / features >= 0.3:
            now["share"] = "share"
        for alert, name in now.items():
            result[f"{name} in a run"] += 1
            result[name] += held[alert] == 1  # a notification when it holds for the second time
        held = Counter({alert: held[alert] + 1 for alert in now})
    return result


# --- the table -----------------------------------------------------------------------------------------------------


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    dice = random.Random(parser.parse_args().seed)
    for line in chain(_accuracy_lines(dice), _drift_lines(dice), _power_lines(dice)):
        print(line, flush=True)


def _accuracy_lines(dice: random.Random) -> Iterator[str]:
    yield f"notifications of ModelAccuracyLow in {DAYS} days: evaluated after each label | labels of a day at once"
    for target in (0.8, 0.9, 0.95, 0.99):
        for true in (target, target + 0.2 * (1 - target)):
            for size in (*SIZES, 20_000):
                sliding, daily = (function(size, true, target, dice) for function in (accuracy_alarms, daily_alarms))
                yield f"  target {target}, true {true:.3f}, {size} labels: {sliding} | {daily}"


def _drift_lines(dice: random.Random) -> Iterator[str]:
    yield f"notifications of drift in {DAYS} days without drift"
    for name, draw in (("continuous", continuous), ("skewed categories", skewed)):
        for size in SIZES:
            for features in FEATURES if size < 5000 else FEATURES[:2]:
                for reference in (_REFERENCE, 500) if size in (500, 1000) else (_REFERENCE,):
                    result = drift_alarms(size, features, dice, reference=reference, before=draw, draw=draw)
                    yield f"  {name}, {size} values, {features} features, reference {reference}: {dict(result)}"


def _power_lines(dice: random.Random) -> Iterator[str]:
    yield "days of 100 until a report, of one model"
    for size in (500, 1000, 5000):
        for by in (0.3, 0.4, 0.5, 0.6, 0.8):
            runs = drift_alarms(size, 1, dice, days=100, before=shifted(0), draw=shifted(by))
            yield f"  shift of {by} standard deviations, {size} values: {dict(runs)}"
    for target, true in ((0.9, 0.88), (0.9, 0.85), (0.9, 0.8), (0.95, 0.9)):
        for size in (300, 500, 1000, 5000):
            yield f"  target {target}, true {true}, {size} labels: {daily_alarms(size, true, target, dice, 100)} %"


if __name__ == "__main__":
    main()
