#!/usr/bin/env python3
"""Makes the ONNX graphs that the tests of the Engines room load, and what ONNX Runtime in Python answers to them.

Run `python3 make.py` in any directory; the files are written beside this script. Made with Python 3.11, onnx 1.23.2,
onnxruntime 1.21.1, skl2onnx 1.20.0, onnxmltools 1.16.0, scikit-learn 1.9.1, lightgbm 4.7.0, xgboost 3.2.0.

`golden_*.onnx` have a `golden_*.json`: {"inputs": {name: rows}, "outputs": {name: rows}}, a row being a value or a list of values.
"""
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto as T
from onnx import helper

HERE = pathlib.Path(__file__).parent
IR, OPSET = 10, 17


def save(name, nodes, inputs, outputs, initializers=(), value_infos=False):
    """Writes a graph; inputs and outputs are (name, element type, shape) or ready value infos."""
    infos = lambda items: [i if isinstance(i, onnx.ValueInfoProto) else helper.make_tensor_value_info(*i) for i in items]
    graph = helper.make_graph(nodes, name, infos(inputs), infos(outputs), list(initializers))
    model = helper.make_model(graph, ir_version=IR, opset_imports=[helper.make_opsetid("", OPSET)])
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString())


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs, outputs, **attributes)


def plain_graphs():
    types = {"bool": T.BOOL, "int64": T.INT64, "float": T.FLOAT, "double": T.DOUBLE, "string": T.STRING}
    for name, kind in types.items():
        # The same values once over, in each shape that a column may have.
        save(f"identity_{name}",
             [node("Identity", ["flat"], ["flat_out"]), node("Identity", ["column"], ["column_out"]),
              node("Identity", ["matrix"], ["matrix_out"]), node("Identity", ["image"], ["image_out"])],
             [("flat", kind, ["n"]), ("column", kind, ["n", 1]), ("matrix", kind, ["n", 3]), ("image", kind, ["n", 2, 2])],
             [("flat_out", kind, ["n"]), ("column_out", kind, ["n", 1]), ("matrix_out", kind, ["n", 3]),
              ("image_out", kind, ["n", 2, 2])])
    one = helper.make_tensor("one", T.INT64, [1], [1])
    save("flat_to_column", [node("Unsqueeze", ["x", "one"], ["y"])], [("x", T.FLOAT, ["n"])], [("y", T.FLOAT, ["n", 1])], [one])
    save("column_to_flat", [node("Squeeze", ["x", "one"], ["y"])], [("x", T.FLOAT, ["n", 1])], [("y", T.FLOAT, ["n"])], [one])
    save("several", [node("Concat", ["a", "b"], ["both"], axis=1), node("Sub", ["a", "b"], ["difference"])],
         [("a", T.DOUBLE, ["n", 1]), ("b", T.DOUBLE, ["n", 1])], [("both", T.DOUBLE, ["n", 2]), ("difference", T.DOUBLE, ["n", 1])])
    save("learned", [node("Concat", ["a", "b"], ["both"], axis=1), node("Identity", ["s"], ["texts"])],
         [("a", T.FLOAT, [None, 2]), ("b", T.FLOAT, [None, 3]), ("s", T.STRING, [None, 2])],
         [("both", T.FLOAT, [None, None]), helper.make_tensor_value_info("texts", T.STRING, None)])
    save("passthrough", [node("Neg", ["x"], ["y"])], [("x", T.FLOAT, ["n", 1])], [("x", T.FLOAT, ["n", 1]), ("y", T.FLOAT, ["n", 1])])
    save("default_input", [node("Add", ["x", "bias"], ["y"])], [("x", T.FLOAT, ["n", 1]), ("bias", T.FLOAT, [1])],
         [("y", T.FLOAT, ["n", 1])], [helper.make_tensor("bias", T.FLOAT, [1], [10])])
    save("parse", [node("Cast", ["x"], ["y"], to=T.FLOAT)], [("x", T.STRING, ["n", 1])], [("y", T.FLOAT, ["n", 1])])
    # Refused at load.
    save("fixed_batch", [node("Neg", ["x"], ["y"])], [("x", T.FLOAT, [1, 4])], [("y", T.FLOAT, [1, 4])])
    save("int32", [node("Neg", ["x"], ["y"])], [("x", T.INT32, ["n", 4])], [("y", T.INT32, ["n", 4])])
    save("open_width", [node("Neg", ["x"], ["y"])], [("x", T.FLOAT, ["n", None])], [("y", T.FLOAT, ["n", None])])
    save("scalar", [node("ReduceSum", ["x"], ["y"], keepdims=0)], [("x", T.FLOAT, ["n", 2])], [helper.make_tensor_value_info("y", T.FLOAT, None)])
    sequence = helper.make_value_info("x", helper.make_sequence_type_proto(helper.make_tensor_type_proto(T.FLOAT, ["n", 1])))
    save("sequence_input", [node("ConcatFromSequence", ["x"], ["y"], axis=0)], [sequence], [("y", T.FLOAT, ["n", 1])])
    optional = helper.make_value_info("x", helper.make_optional_type_proto(helper.make_tensor_type_proto(T.FLOAT, ["n", 1])))
    save("optional_input", [node("OptionalGetElement", ["x"], ["y"])], [optional], [("y", T.FLOAT, ["n", 1])])
    shape = helper.make_tensor("shape", T.INT64, [2], [1, -1])
    save("wrong_shape", [node("Reshape", ["x", "shape"], ["y"])], [("x", T.FLOAT, ["n", 2])], [("y", T.FLOAT, ["m", 2])], [shape])
    # Data that lie in another file: in an initializer, in the attribute of a node in a branch, and by an address in memory.
    outside = lambda location: onnx.TensorProto(name="w", data_type=T.FLOAT, dims=[1], data_location=onnx.TensorProto.EXTERNAL,
                                                external_data=[onnx.StringStringEntryProto(key="location", value=location)])
    inputs, outputs = [("x", T.FLOAT, ["n"])], [("y", T.FLOAT, ["n"])]
    save("external_initializer", [node("Add", ["x", "w"], ["y"])], inputs, outputs, [outside("../several.onnx")])
    save("external_address", [node("Add", ["x", "w"], ["y"])], inputs, outputs, [outside("*/_ORT_MEM_ADDR_/*")])
    branch = lambda tensor: helper.make_graph([node("Constant", [], ["c"], value=tensor), node("Add", ["x", "c"], ["z"])], "branch", [],
                                              [helper.make_tensor_value_info("z", T.FLOAT, ["n"])])
    inside = helper.make_tensor("w", T.FLOAT, [1], [1])
    save("external_attribute", [node("If", ["yes"], ["y"], then_branch=branch(inside), else_branch=branch(outside("/etc/hostname")))],
         inputs, outputs, [helper.make_tensor("yes", T.BOOL, [], [True])])
    save("branches", [node("If", ["yes"], ["y"], then_branch=branch(inside), else_branch=branch(inside))],
         inputs, outputs, [helper.make_tensor("yes", T.BOOL, [], [True])])
    # These load, and fail in runs that do not give a row for a row.
    compress = node("Compress", ["x", "keep"], ["y"], axis=0)
    for name, kind in {"compress_float": T.FLOAT, "compress_string": T.STRING}.items():
        save(name, [compress], [("x", kind, ["n", 1]), ("keep", T.BOOL, ["n"])], [("y", kind, ["m", 1])])
    save("constant", [node("Neg", ["x"], ["unused"])], [("x", T.FLOAT, ["n", 1])],
         [("y", T.FLOAT, ["m", 1]), ("unused", T.FLOAT, ["n", 1])], [helper.make_tensor("y", T.FLOAT, [2, 1], [1, 2])])
    (HERE / "corrupt.onnx").write_bytes(b"\x08\x07 this is not a graph")


def linear_graphs():
    """Linear models of 13 numbers: the library has code of its own for a row that is alone."""
    weights = np.random.default_rng(5).normal(size=13).astype(np.float32).tolist()
    tensor = helper.make_tensor_value_info
    for name, kind, outputs, attributes in (
        ("linear_regressor", "LinearRegressor", [tensor("y", T.FLOAT, ["n", 1])],
         {"coefficients": weights, "intercepts": [0.3], "targets": 1}),
        ("linear_classifier", "LinearClassifier", [tensor("label", T.INT64, ["n"]), tensor("y", T.FLOAT, ["n", 2])],
         {"coefficients": [-w for w in weights] + weights, "intercepts": [-0.3, 0.3], "classlabels_ints": [0, 1],
          "post_transform": "LOGISTIC"})):
        node = helper.make_node(kind, ["X"], [output.name for output in outputs], domain="ai.onnx.ml", **attributes)
        graph = helper.make_graph([node], name, [tensor("X", T.FLOAT, ["n", 13])], outputs)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
        model = helper.make_model(graph, ir_version=8, opset_imports=opsets)
        (HERE / f"{name}.onnx").write_bytes(model.SerializeToString())


def save_converted(name, model):
    """Writes a converter's graph without the name and the order that it makes up in every run."""
    model.graph.name = name
    opsets = sorted(model.opset_import, key=lambda opset: opset.domain)
    del model.opset_import[:]
    model.opset_import.extend(opsets)
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString())


def golden(name, model, inputs):
    """Writes a graph, inputs and the answers of ONNX Runtime in Python."""
    save_converted(name, model)
    session = onnxruntime.InferenceSession(str(HERE / f"{name}.onnx"), providers=["CPUExecutionProvider"])
    outputs = [output.name for output in session.get_outputs()]
    results = session.run(outputs, inputs)
    rows = lambda array: np.asarray(array).reshape(len(array), -1).tolist()
    flat = lambda array: [row[0] if len(row) == 1 else row for row in rows(array)]
    text = json.dumps({"inputs": {k: flat(v) for k, v in inputs.items()}, "outputs": dict(zip(outputs, map(flat, results)))})
    (HERE / f"{name}.json").write_text(text + "\n")


def table(rows, seed=7):
    """A small data set with a column of each kind, and something to learn in it."""
    random = np.random.default_rng(seed)
    state = random.choice(["FL", "CA", "Île-de-France", ""], rows)
    children = random.integers(0, 5, rows)
    income = random.normal(50, 15, rows).astype(np.float32)
    risk = 0.05 * (income - 50) - 0.4 * (children - 2) + 0.8 * (state == "FL") + random.normal(0, 0.5, rows)
    return state.astype(object), children.astype(np.int64), income, (risk > 0).astype(np.int64), risk


def trained_graphs():
    import lightgbm
    import onnxmltools
    import xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType as ToolsFloat
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import GradientBoostingRegressor
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    state, children, income, label, risk = table(300)
    names = np.where(label == 1, "repaid", "défaut")
    frame = np.stack([state, children.astype(object), income.astype(object)], axis=1)
    tail = 12

    # scikit-learn: strings, integers and floats in one pipeline, each an input of its own; labels are text.
    transformer = ColumnTransformer([("text", OneHotEncoder(handle_unknown="ignore"), [0]), ("number", StandardScaler(), [1, 2])])
    pipeline = make_pipeline(transformer, LogisticRegression()).fit(frame, names)
    initial = [("state", StringTensorType([None, 1])), ("children", Int64TensorType([None, 1])), ("income", FloatTensorType([None, 1]))]
    columns = {"state": state[:tail].reshape(-1, 1), "children": children[:tail].reshape(-1, 1), "income": income[:tail].reshape(-1, 1)}
    columns["state"][1, 0] = "never seen"
    convert = lambda zipmap: to_onnx(pipeline, initial_types=initial, options={"zipmap": zipmap}, target_opset=OPSET)
    golden("golden_sklearn_pipeline", convert(False), columns)
    save_converted("zipmap", convert(True))

    X = np.stack([children.astype(np.float32), income, (state == "FL").astype(np.float32)], axis=1)
    boosting = GradientBoostingRegressor(n_estimators=8, max_depth=3, random_state=0).fit(X, risk)
    golden("golden_sklearn_boosting", to_onnx(boosting, initial_types=[("X", FloatTensorType([None, 3]))], target_opset=OPSET), {"X": X[:tail]})

    quiet = dict(n_estimators=8, num_leaves=7, random_state=0, n_jobs=1, verbose=-1)
    types = [("X", ToolsFloat([None, 3]))]
    classifier = lightgbm.LGBMClassifier(**quiet).fit(X, label)
    golden("golden_lightgbm_classifier", onnxmltools.convert_lightgbm(classifier, initial_types=types, zipmap=False, target_opset=15), {"X": X[:tail]})
    regressor = lightgbm.LGBMRegressor(**quiet).fit(X, risk)
    golden("golden_lightgbm_regressor", onnxmltools.convert_lightgbm(regressor, initial_types=types, target_opset=15), {"X": X[:tail]})

    small = dict(n_estimators=8, max_depth=3, random_state=0, n_jobs=1)
    classifier = xgboost.XGBClassifier(**small).fit(X, label)
    golden("golden_xgboost_classifier", onnxmltools.convert_xgboost(classifier, initial_types=types, target_opset=15), {"X": X[:tail]})
    regressor = xgboost.XGBRegressor(**small).fit(X, risk)
    golden("golden_xgboost_regressor", onnxmltools.convert_xgboost(regressor, initial_types=types, target_opset=15), {"X": X[:tail]})


if __name__ == "__main__":
    plain_graphs()
    linear_graphs()
    trained_graphs()
