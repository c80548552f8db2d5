#!/usr/bin/env python3
"""Trains two releases of the model `breast-cancer` on scikit-learn's bundled data set and packs them.

    pip install -r requirements.txt
    python3 train.py

1.0.0 is a logistic regression on 30 scaled measurements. 2.0.0 is a gradient boosting on 40: it adds how far the worst value of each
measurement lies from its mean, and calls a tumour malignant sooner. Its extractor, model and scoring code only make sense together.

Writes releases/<version>/, releases/breast-cancer-<version>.tar and requests.jsonl. The same versions of the packages give the same bytes.
"""
import argparse
import datetime
import hashlib
import io
import json
import pathlib
import tarfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

HERE = pathlib.Path(__file__).resolve().parent
IR_VERSION, OPSET = 10, 17
SEED = 7
END_TO_END_ROWS = 24

DATA = load_breast_cancer()
NAMES = [name.replace(" ", "_") for name in DATA.feature_names]  # mean_radius … worst_fractal_dimension
LABELS = np.where(DATA.target == 0, "malignant", "benign")
MEAN, WORST = slice(0, 10), slice(20, 30)

RELEASES = {
    "1.0.0": dict(
        description="Logistic regression on 30 scaled measurements", differences=False, threshold=0.5,
        model=LogisticRegression(max_iter=1000), created_at="2026-11-20T09:00:00Z"),
    "2.0.0": dict(
        description="Gradient boosting on 40 scaled measurements, calls a tumour malignant from 0.3", differences=True, threshold=0.3,
        model=GradientBoostingClassifier(
            n_estimators=100, learning_rate=0.2, max_depth=3, subsample=0.7, max_features=5, random_state=SEED),
        created_at="2026-11-23T09:00:00Z"),
}


def graph(name, nodes, inputs, outputs, constants):
    """An ONNX graph; inputs and outputs are (name, type, shape), the batch dimension is called `n`."""
    infos = lambda values: [helper.make_tensor_value_info(*value) for value in values]
    constants = [numpy_helper.from_array(value, key) for key, value in constants.items()]
    body = helper.make_graph(nodes, name, infos(inputs), infos(outputs), constants)
    model = helper.make_model(body, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)])
    onnx.checker.check_model(model)
    return model


def feature_extractor(rows, differences):
    """The 30 named fields, `[n, 1]` each -> `features`, scaled by what the training rows say."""
    measured = np.concatenate([rows, rows[:, WORST] - rows[:, MEAN]], axis=1) if differences else rows
    nodes = [helper.make_node("Concat", NAMES, ["fields"], axis=1)]
    constants = {"center": measured.mean(axis=0).astype(np.float32), "scale": measured.std(axis=0).astype(np.float32)}
    if differences:
        for key, value in {"zero": 0, "ten": 10, "twenty": 20, "thirty": 30, "axis": 1}.items():
            constants[key] = np.array([value], np.int64)
        nodes += [
            helper.make_node("Slice", ["fields", "zero", "ten", "axis"], ["mean"]),
            helper.make_node("Slice", ["fields", "twenty", "thirty", "axis"], ["worst"]),
            helper.make_node("Sub", ["worst", "mean"], ["differences"]),
            helper.make_node("Concat", ["fields", "differences"], ["measured"], axis=1),
        ]
    nodes += [
        helper.make_node("Sub", ["measured" if differences else "fields", "center"], ["centered"]),
        helper.make_node("Div", ["centered", "scale"], ["features"]),
    ]
    inputs = [(name, TensorProto.FLOAT, ["n", 1]) for name in NAMES]
    return graph("features", nodes, inputs, [("features", TensorProto.FLOAT, ["n", measured.shape[1]])], constants)


def classifier(model, width):
    """`X` -> `label` (0 benign, 1 malignant) and `probabilities`, `[n, 2]`. Without zipmap=False the latter would be no tensor."""
    converted = to_onnx(
        model, initial_types=[("X", FloatTensorType([None, width]))], options={"zipmap": False},
        target_opset={"": OPSET, "ai.onnx.ml": 3})
    # The converter makes up a name and an order of its own in every run.
    converted.graph.name = "model"
    opsets = sorted(converted.opset_import, key=lambda opset: opset.domain)
    del converted.opset_import[:]
    converted.opset_import.extend(opsets)
    return converted


def scoring_code(threshold):
    """`probabilities` -> `probability` of malignant, and `label`."""
    nodes = [
        helper.make_node("Slice", ["probabilities", "one", "two", "one"], ["probability"]),
        helper.make_node("GreaterOrEqual", ["probability", "threshold"], ["is_malignant"]),
        helper.make_node("Where", ["is_malignant", "malignant", "benign"], ["label"]),
    ]
    constants = {
        "one": np.array([1], np.int64), "two": np.array([2], np.int64), "threshold": np.array([threshold], np.float32),
        "malignant": np.array(["malignant"], object), "benign": np.array(["benign"], object),
    }
    return graph(
        "scoring", nodes, [("probabilities", TensorProto.FLOAT, ["n", 2])],
        [("probability", TensorProto.FLOAT, ["n", 1]), ("label", TensorProto.STRING, ["n", 1])], constants)


def session(model):
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def extract(features, rows):
    """Features as the release itself will make them, so that the model is trained on nothing else."""
    fields = {name: rows[:, [index]].astype(np.float32) for index, name in enumerate(NAMES)}
    return session(features).run(["features"], fields)[0]


def answer(features, model, scoring, rows):
    """The three graphs in sequence, as a worker runs them."""
    probabilities = session(model).run(["probabilities"], {"X": extract(features, rows)})[0]
    probability, label = session(scoring).run(["probability", "label"], {"probabilities": probabilities})
    return probability[:, 0], label[:, 0]


def context(row):
    return dict(zip(NAMES, row.tolist()))


def lines(objects):
    return "".join(json.dumps(item) + "\n" for item in objects).encode()


def manifest(version, release, created_at, files):
    return {
        "schema": "understudy.release/v1", "name": "breast-cancer", "version": version, "created_at": created_at,
        "description": release["description"],
        "inputs": [{"name": name, "datatype": "FP32", "minimum": 0} for name in NAMES],
        "outputs": [{"name": "probability", "datatype": "FP32", "minimum": 0, "maximum": 1}, {"name": "label", "datatype": "BYTES"}],
        "stages": {
            "features": {"engine": "onnx", "file": "features.onnx"},
            "model": {
                "engine": "onnx", "file": "model.onnx", "inputs": {"X": "features"},
                "outputs": {"label": "predicted_class", "probabilities": "probabilities"}},
            "scoring": {"engine": "onnx", "file": "scoring.onnx"},
        },
        "end_to_end_set": {"file": "end_to_end.jsonl", "relative_tolerance": 1e-4, "absolute_tolerance": 1e-6},
        "confidence_set": {
            "file": "confidence.jsonl", "metric": "roc_auc", "prediction": "probability", "positive_label": "malignant",
            "acceptable_range": [0.95, 1.0]},
        "limits": {"max_rows": 4096, "deadline_ms": 50, "max_slowdown": 25},
        "files": [
            {"path": path, "sha256": hashlib.sha256(files[path]).hexdigest(), "size": len(files[path])} for path in sorted(files)],
    }


def archive(files):
    """A reproducible tar: the manifest first, then the others by path; plain ustar entries without owners, times or directories."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(files, key=lambda path: (path != "manifest.json", path)):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(files[path]), 0o644
            tar.addfile(entry, io.BytesIO(files[path]))
    return buffer.getvalue()


def build(version, release, created_at):
    training, held_out = train_test_split(np.arange(len(DATA.data)), test_size=0.3, random_state=SEED, stratify=LABELS)
    features = feature_extractor(DATA.data[training], release["differences"])
    matrix = extract(features, DATA.data[training])
    model = classifier(release["model"].fit(matrix, LABELS[training] == "malignant"), matrix.shape[1])
    scoring = scoring_code(release["threshold"])

    probability, label = answer(features, model, scoring, DATA.data[held_out])
    area = roc_auc_score(LABELS[held_out] == "malignant", probability)
    files = {
        "features.onnx": features.SerializeToString(), "model.onnx": model.SerializeToString(),
        "scoring.onnx": scoring.SerializeToString(),
        "end_to_end.jsonl": lines(
            {"inputs": context(DATA.data[row]), "outputs": {"probability": float(probability[index]), "label": str(label[index])}}
            for index, row in enumerate(held_out[:END_TO_END_ROWS])),
        "confidence.jsonl": lines({"inputs": context(DATA.data[row]), "label": str(LABELS[row])} for row in held_out),
    }
    files["manifest.json"] = (json.dumps(manifest(version, release, created_at, files), indent=1) + "\n").encode()

    directory = HERE / "releases" / version
    directory.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (directory / path).write_bytes(content)
    packed = archive(files)
    (HERE / "releases" / f"breast-cancer-{version}.tar").write_bytes(packed)
    digest = hashlib.sha256(files["manifest.json"]).hexdigest()
    print(f"breast-cancer {version}: roc_auc {area:.4f} on {len(held_out)} rows, {len(packed)} bytes, sha256:{digest}")


def main():
    parser = argparse.ArgumentParser(description="Trains and packs the releases of the breast-cancer example.")
    parser.add_argument("--now", action="store_true", help="stamp the releases with the current time")
    arguments = parser.parse_args()
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    for version, release in RELEASES.items():
        build(version, release, now if arguments.now else release["created_at"])
    (HERE / "requests.jsonl").write_bytes(lines(context(row) for row in DATA.data))


if __name__ == "__main__":
    main()
