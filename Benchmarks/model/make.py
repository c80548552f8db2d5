#!/usr/bin/env python3
"""Makes the release that the benchmarks score: gradient boosting, 100 trees of depth 4, on 30 numbers.

    pip install -r ../../Examples/breast-cancer/requirements.txt
    python3 make.py                  # writes release/

The rows are drawn here, from a seed, and have no meaning: what counts is that requests (requests.py) come from the same distribution, so that they take
all ways through the trees, as real ones would. The same versions of the packages give the same bytes; manifest.json says which, by their SHA-256.
"""
import hashlib
import json
import pathlib

import numpy as np
import onnxruntime
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import GradientBoostingClassifier

RELEASE = pathlib.Path(__file__).resolve().parent / "release"
IR_VERSION, OPSET = 10, 17
SEED, WIDTH = 7, 30
TRAINING_ROWS, HELD_OUT_ROWS, END_TO_END_ROWS = 4000, 300, 24
NAMES = [f"f{index}" for index in range(WIDTH)]


def rows():
    """Rows of `WIDTH` normal numbers, and the sign of something curved and noisy that the trees have to work for."""
    generator = np.random.default_rng(SEED)
    matrix = generator.normal(size=(TRAINING_ROWS + HELD_OUT_ROWS, WIDTH)).round(4).astype(np.float32)
    bent = (matrix[:, 0::3] * matrix[:, 1::3]).sum(axis=1) + matrix[:, 2::3].sum(axis=1)
    return matrix, (bent + generator.normal(scale=0.5, size=len(matrix)) > 0).astype(np.int64)


def feature_extractor():
    """The 30 named fields, `[n, 1]` each -> `features`, `[n, 30]`."""
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 1]) for name in NAMES]
    output = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", WIDTH])
    graph = helper.make_graph([helper.make_node("Concat", NAMES, ["features"], axis=1)], "features", inputs, [output])
    return helper.make_model(graph, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)])


def classifier(model):
    """`X` -> `label` and `probabilities`, `[n, 2]`. Without zipmap=False the latter would be no tensor."""
    converted = to_onnx(
        model, initial_types=[("X", FloatTensorType([None, WIDTH]))], options={"zipmap": False},
        target_opset={"": OPSET, "ai.onnx.ml": 3})
    # The converter makes up a name and an order of its own in every run.
    converted.graph.name = "model"
    opsets = sorted(converted.opset_import, key=lambda opset: opset.domain)
    del converted.opset_import[:]
    converted.opset_import.extend(opsets)
    return converted.SerializeToString()


def lines(objects):
    return "".join(json.dumps(item) + "\n" for item in objects).encode()


def manifest(files):
    return {
        "schema": "understudy.release/v1", "name": "benchmark", "version": "1", "created_at": "2026-11-24T12:00:00Z",
        "description": "Gradient boosting of 100 trees on 30 numbers without meaning, to measure with",
        "inputs": [{"name": name, "datatype": "FP32"} for name in NAMES],
        "outputs": [{"name": "label", "datatype": "INT64"}, {"name": "probabilities", "datatype": "FP32", "width": 2}],
        "stages": {
            "features": {"engine": "onnx", "file": "features.onnx"},
            "model": {"engine": "onnx", "file": "model.onnx", "inputs": {"X": "features"}},
        },
        "end_to_end_set": {"file": "end_to_end.jsonl", "relative_tolerance": 1e-4, "absolute_tolerance": 1e-6},
        "confidence_set": {
            "file": "confidence.jsonl", "metric": "accuracy", "prediction": "label", "acceptable_range": [0.7, 1.0]},
        "files": [
            {"path": path, "sha256": hashlib.sha256(files[path]).hexdigest(), "size": len(files[path])} for path in sorted(files)],
    }


def main():
    matrix, labels = rows()
    trees = GradientBoostingClassifier(n_estimators=100, max_depth=4, random_state=SEED)
    model = classifier(trees.fit(matrix[:TRAINING_ROWS], labels[:TRAINING_ROWS]))
    held_out, truth = matrix[TRAINING_ROWS:], labels[TRAINING_ROWS:]
    decided, probabilities = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).run(None, {"X": held_out})
    # What a client would write: four decimals, not those of the nearest FP32.
    contexts = [dict(zip(NAMES, (round(float(value), 4) for value in row))) for row in held_out]
    files = {
        "features.onnx": feature_extractor().SerializeToString(), "model.onnx": model,
        "end_to_end.jsonl": lines(
            {"inputs": contexts[row], "outputs": {"label": int(decided[row]), "probabilities": probabilities[row].tolist()}}
            for row in range(END_TO_END_ROWS)),
        "confidence.jsonl": lines({"inputs": context, "label": int(label)} for context, label in zip(contexts, truth)),
    }
    files["manifest.json"] = (json.dumps(manifest(files), indent=1) + "\n").encode()
    RELEASE.mkdir(exist_ok=True)
    for path, content in files.items():
        (RELEASE / path).write_bytes(content)
    print(f"accuracy {(decided == truth).mean():.3f}; {len(model)} bytes, sha256 {hashlib.sha256(model).hexdigest()}")


if __name__ == "__main__":
    main()
