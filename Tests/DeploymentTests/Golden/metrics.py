"""Writes metrics.json: what scikit-learn makes of many small and some large samples.

    python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1
    venv/bin/python Tests/DeploymentTests/Golden/metrics.py

`expected` is null where scikit-learn refuses to compute or answers NaN: the metric is not defined there.
"""

import json
import math
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import metrics

RANDOM = np.random.default_rng(20261124)


def attempt(compute):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value = float(compute())
        except ValueError:
            return None
    return value if math.isfinite(value) else None


def classes(name, labels, predictions, positive):
    if positive is not None:
        for metric, function in [
            ("precision", metrics.precision_score), ("recall", metrics.recall_score), ("f1", metrics.f1_score),
        ]:
            # A label alone, so that more than two classes are one against the rest.
            yield name, metric, "binary", labels, predictions, positive, attempt(
                lambda: function(labels, predictions, labels=[positive], average="macro", zero_division=0))
    for metric, function in [
        ("precision", metrics.precision_score), ("recall", metrics.recall_score), ("f1", metrics.f1_score),
    ]:
        yield name, metric, "macro", labels, predictions, None, attempt(
            lambda: function(labels, predictions, average="macro", zero_division=0))
    yield name, "accuracy", "binary", labels, predictions, None, attempt(
        lambda: metrics.accuracy_score(labels, predictions))


def scores(name, labels, values, only=("roc_auc", "log_loss", "brier")):
    values = np.asarray(values, dtype=np.float64)
    functions = {
        "roc_auc": lambda: metrics.roc_auc_score(labels, values),
        "log_loss": lambda: metrics.log_loss(labels, y_proba=values, labels=[0, 1]),
        "brier": lambda: metrics.brier_score_loss(labels, values, pos_label=1, labels=[0, 1]),
    }
    for metric in only:
        yield name, metric, "binary", labels, values.tolist(), 1, attempt(functions[metric])


def numbers(name, labels, values):
    functions = {
        "rmse": metrics.root_mean_squared_error, "mae": metrics.mean_absolute_error, "r2": metrics.r2_score,
    }
    for metric, function in functions.items():
        yield name, metric, "binary", labels, values, None, attempt(lambda: function(labels, values))


def float32(values):
    return [float(np.float32(value)) for value in values]


def cases():
    yield from classes("two classes", ["a", "b", "a", "b", "b"], ["a", "b", "b", "b", "a"], "b")
    yield from classes("all right", ["a", "b", "c"], ["a", "b", "c"], "a")
    yield from classes("all wrong", ["a", "a"], ["b", "b"], "a")
    yield from classes("positive never called", ["a", "b", "b"], ["a", "a", "a"], "b")
    yield from classes("positive never there", ["a", "a", "a"], ["a", "b", "a"], "b")
    yield from classes("one class", ["a", "a"], ["a", "a"], "a")
    yield from classes("a class that is only predicted", ["a", "b", "a"], ["a", "c", "c"], "a")
    yield from classes("one row", ["a"], ["a"], "a")
    for size, count in [(60, 3), (500, 5), (1500, 2)]:
        names = [chr(97 + number) for number in range(count)]
        labels = RANDOM.choice(names, size).tolist()
        predictions = [l if RANDOM.random() < 0.7 else str(RANDOM.choice(names)) for l in labels]
        yield from classes(f"{size} rows of {count} classes", labels, predictions, names[-1])

    yield from scores("separated", [0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])
    yield from scores("reversed", [1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9])
    yield from scores("all tied", [0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5])
    yield from scores("some tied", [0, 1, 0, 1, 1, 0, 1], [0.2, 0.2, 0.4, 0.4, 0.4, 0.7, 0.9])
    yield from scores("certain and right", [0, 1, 1, 0], [0.0, 1.0, 1.0, 0.0])
    yield from scores("certain and wrong", [1, 0, 1, 0], [0.0, 1.0, 1.0, 0.0])
    yield from scores("nearly certain", [1, 0, 1, 0], [1e-300, 1 - 2**-53, 1e-17, 5e-324])
    yield from scores("only positive", [1, 1, 1], [0.2, 0.9, 0.4])
    yield from scores("only negative", [0, 0], [0.2, 0.9])
    yield from scores("one row", [1], [0.7])
    yield from scores("no probabilities", [0, 1, 0, 1], [-3.5, 2.0, 0.1, 17.0])
    yield from scores("slightly above one", [0, 1], [0.5, 1.0000000000000002])
    yield from scores("extreme scores", [0, 1, 1, 0], [-1e308, 1e308, 1e-320, -1e-320], only=("roc_auc",))
    for size, digits in [(50, 1), (400, 2), (1500, 4)]:
        labels = RANDOM.integers(0, 2, size).tolist()
        values = np.clip(np.asarray(labels) * 0.3 + RANDOM.random(size) * 0.7, 0, 1).round(digits)
        yield from scores(f"{size} rows of {digits} digits", labels, values)
    labels = RANDOM.integers(0, 2, 200).tolist()
    yield from scores("200 rows of FP32", labels, float32(RANDOM.random(200)))
    labels = (RANDOM.random(800) < 0.01).astype(int).tolist()
    yield from scores("few positives", labels, RANDOM.random(800).round(3))

    yield from numbers("exact", [1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    yield from numbers("apart", [3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 8.0])
    yield from numbers("worse than the mean", [1.0, 2.0, 3.0], [3.0, 1.0, -7.0])
    yield from numbers("constant labels, exact", [2.0, 2.0], [2.0, 2.0])
    yield from numbers("constant labels, apart", [2.0, 2.0], [2.0, 3.0])
    yield from numbers("one row", [2.0], [3.0])
    yield from numbers("large", [1e150, -1e150, 3e150], [1.1e150, -1e150, 2.9e150])
    yield from numbers("beyond what squares can hold", [1e200, 0.0], [-1e200, 1.0])
    yield from numbers("small", [1e-9, 2e-9, 5e-9], [1.1e-9, 2.2e-9, 4.9e-9])
    yield from numbers("far from zero", [1e6 + 1, 1e6 + 2, 1e6 + 4], [1e6 + 1.5, 1e6 + 2, 1e6 + 3])
    for size in [100, 1000]:
        labels = (RANDOM.normal(size=size) * 50).round(2)
        values = (labels + RANDOM.normal(size=size) * 10).round(2)
        yield from numbers(f"{size} rows", labels.tolist(), values.tolist())


def main():
    lines = []
    samples = {}
    for name, metric, average, labels, predictions, positive, expected in cases():
        # A sample is written once, for all metrics that are computed of it.
        sample = samples.setdefault(json.dumps([labels, predictions]), len(samples))
        lines.append({
            "name": name, "metric": metric, "average": average, "positive": positive, "sample": sample,
            "expected": expected,
        })
    document = {
        "scikit_learn": sklearn.__version__,
        "samples": [dict(zip(("labels", "predictions"), json.loads(text))) for text in samples],
        "cases": lines,
    }
    path = pathlib.Path(__file__).with_name("metrics.json")
    path.write_text(json.dumps(document, separators=(",", ":")) + "\n")
    print(f"{len(lines)} cases, {path.stat().st_size} bytes")


main()
