#!/usr/bin/env python3
"""Makes the table of requests with the complete response that each of them must get.

Run `python3 make.py`; `releases.jsonl`, `fallbacks.json` and `cases.jsonl` are written beside this script. Nothing but Python 3.11 is needed.

What is expected is written here by hand or worked out by this script from the documentation (docs/wire.md, docs/releases.md, docs/guard.md): no code of
the product was asked. The releases echo their inputs: output `got_x` is input `x`, as its column holds it; what other files of stages do is written at
the releases with guards and fallbacks. Of two releases with one name the first is live and the second is the one that was live before.

A line of `cases.jsonl`: {"name", "release", "request" or "base64", "status", "response", "names"}. In `response` `$id` stands for the identifier of a
request that has none of its own; what people read, messages and what follows the reason in `row_error` and `row_remark`, is left out. `names` has
for each such message, in their order, the text that it must contain: the field that is wrong.
"""
import base64
import json
import pathlib
import struct
from decimal import Decimal

HERE = pathlib.Path(__file__).parent
CODES = {"out_of_range": "OUT_OF_RANGE", "too_large": "RESOURCE_EXHAUSTED", "model_failed": "INTERNAL", "output_rejected": "INTERNAL",
         "low_confidence": "FAILED_PRECONDITION"}  # all others: INVALID_ARGUMENT


# --- How answers write values ---------------------------------------------------------------------------------------

def single(number):
    """The nearest number that FP32 can hold; infinity if there is none."""
    try:
        return struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return float("inf")


def shortest(number, narrow):
    """The shortest decimal that reads back as the same number, as (sign, digits, exponent of the last digit)."""
    if not narrow:
        sign, digits, exponent = Decimal(repr(number)).as_tuple()
        text = "".join(map(str, digits)).lstrip("0")
    else:
        for precision in range(9):
            decimal = Decimal(f"{number:.{precision}e}")
            if single(float(decimal)) == number:
                break
        sign, digits, exponent = decimal.as_tuple()
        text = "".join(map(str, digits)).lstrip("0")
    stripped = text.rstrip("0")
    return sign, stripped, exponent + len(text) - len(stripped)


def floating(number, narrow):
    """A number of FP32 or FP64: digits or an exponent, what is shorter; from 2^63 on always an exponent; -0.0 keeps its sign."""
    number = single(number) if narrow else float(number)
    if number == 0:
        return "-0.0" if str(number)[0] == "-" else "0"
    sign, digits, exponent = shortest(number, narrow)
    power = exponent + len(digits) - 1
    scientific = digits[0] + ("." + digits[1:] if len(digits) > 1 else "") + f"e{'-' if power < 0 else '+'}{abs(power):02d}"
    if exponent >= 0:
        plain = str(abs(int(number)))
    elif power >= 0:
        plain = digits[:power + 1] + "." + digits[power + 1:]
    else:
        plain = "0." + "0" * (-power - 1) + digits
    text = scientific if len(scientific) < len(plain) or abs(number) >= 2.0**63 else plain
    return ("-" if sign else "") + text


def string(text):
    """A string of JSON: only what must be is escaped."""
    short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
    return '"' + "".join(short.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text) + '"'


def written(value, datatype):
    """A value (a list for a wide one) as an answer writes it; its elements apart by commas."""
    if isinstance(value, list):
        return ",".join(written(v, datatype) for v in value)
    if datatype in ("FP32", "FP64"):
        return floating(value, datatype == "FP32")
    if datatype == "BOOL":
        return "true" if value else "false"
    return str(value) if datatype == "INT64" else string(value)


# --- Releases -------------------------------------------------------------------------------------------------------

RELEASES = {}
PREVIOUS = []
FALLBACKS = {}


def release(name, *inputs, **more):
    """A release whose every input is also an output."""
    outputs = [{k: v for k, v in i.items() if k in ("datatype", "width")} | {"name": "got_" + i["name"]} for i in inputs]
    RELEASES[name] = {
        "schema": "understudy.release/v1", "name": name, "version": "1", "inputs": list(inputs), "outputs": outputs,
        "stages": {"model": {"engine": "onnx", "file": "echo.onnx"}}, **more}


def field(name, datatype, default=None, **rules):
    """An input; with a default it is optional."""
    spec = {"name": name, "datatype": datatype, **rules}
    return spec if default is None else spec | {"optional": True, "default": default}


DEFAULTS = {"FP32": 0.5, "FP64": 0.25, "INT64": 7, "BOOL": True, "BYTES": "né"}
LETTERS = {"f": "FP32", "d": "FP64", "i": "INT64", "b": "BOOL", "s": "BYTES"}


def all_types(rules={}, width=1, defaults={}):
    more = {} if width == 1 else {"width": width}
    return [field(n, t, defaults.get(n, DEFAULTS[t]), **more, **rules.get(n, {})) for n, t in LETTERS.items()]


release("types", *all_types())
release("needed", *[field(n, t) for n, t in LETTERS.items()])
release("ranges", *all_types({
    "f": {"minimum": -1.5, "maximum": 0.1}, "d": {"minimum": 0, "maximum": 1e308},
    "i": {"minimum": -3, "maximum": 9007199254740992}}, defaults={"f": 0.1}))
release("halves", field("i", "INT64", 1, minimum=0.5, maximum=2.5), field("j", "INT64", 0, minimum=-9.3e18, maximum=9.3e18),
        field("f", "FP32", 1, minimum=1, maximum=1), field("d", "FP64", 0, minimum=-5e-324, maximum=5e-324))
release("lists", *all_types({
    "f": {"values": [0.1, 1, -2.5, 16777216]}, "d": {"values": [0.1, 0, 1e300]},
    "i": {"values": [1, -2, 9007199254740993, 9223372036854775807]}, "b": {"values": [True]},
    "s": {"values": ["FL", "NY", "Île-de-France", "", "a\u0000b", "\U0001f34c"]}},
    defaults={"f": 1, "d": 0, "i": 1, "s": "FL"}))
release("texts", field("code", "BYTES", "AB1", pattern=r"[A-Z]{2}\d+"), field("short", "BYTES", "né", maximum_length=3),
        field("long", "BYTES", "né", minimum_length=2), field("exact", "BYTES", "ééé", minimum_length=3, maximum_length=3),
        field("empty", "BYTES", "", maximum_length=0), field("any", "BYTES", "", pattern="(?s).*"),
        field("letters", "BYTES", "é", pattern=r"\pL+", minimum_length=1, maximum_length=4),
        field("listed", "BYTES", "on", values=["on", "off"], pattern="on|off", maximum_length=3),
        field("evil", "BYTES", "b", pattern="(a|aa)*b"), field("line", "BYTES", "", pattern=".*"))
release("wide", *all_types(width=3))
release("wide_rules", field("f", "FP32", 1, width=2, minimum=0, maximum=9), field("i", "INT64", 1, width=2, values=[1, 2]),
        field("s", "BYTES", "ab", width=2, pattern="[a-z]+", minimum_length=2, maximum_length=3), field("w", "FP64", width=2))
release("strict", field("age", "FP32"), field("state", "BYTES", "FL"), unknown_fields="reject")
release("lax", field("age", "FP32"), field("state", "BYTES", "FL"), unknown_fields="ignore")
release("many", *[field(f"x{n}", "FP64", n) for n in range(30)], unknown_fields="reject")
release("rows", field("age", "FP32"), limits={"max_rows": 3})
NAMES = ["größe", 'a"b', "x" * 508, " ", "message", "a\\b", "new\nline", "\U0001f34c", "Outputs", "i", "in", "input", "inputs1"]
release("names", *[field(n, "INT64", 0) for n in NAMES])

# Releases whose answers are checked, withheld or made by others. `negate.onnx` turns the sign of numbers and truths, `root.onnx` takes the root of what is
# FP32 or FP64, `brittle.onnx` echoes and fails for rows whose i is 3 or, with many words, -1, and `risk.onnx` echoes d as `risk_d`.


def guarded(name, inputs, stage="echo", bounds={}, without="", steps=None, version="1", stages={}, **more):
    """A release with bounds for its outputs, of which those of the inputs in `without` are left out."""
    outputs = [{k: v for k, v in i.items() if k in ("datatype", "width")} | {"name": "got_" + i["name"]} | bounds.get(i["name"], {})
               for i in inputs if i["name"] not in without]
    manifest = {
        "schema": "understudy.release/v1", "name": name, "version": version, "inputs": inputs, "outputs": outputs,
        "stages": {"model": {"engine": "onnx", "file": stage + ".onnx"}} | stages, **more}
    if version == "1":
        RELEASES[name] = manifest
    else:
        PREVIOUS.append(manifest)
    if steps:
        FALLBACKS[name] = steps


RISK = {"safeguard": {"engine": "onnx", "file": "risk.onnx"}}
BOUNDS = {"f": {"minimum": -1.5, "maximum": 1000}, "d": {"minimum": -100}, "i": {"maximum": 100000}}
CONSTANT = {"got_f": 0, "got_d": 0.5, "got_i": -1, "got_s": "né"}
guarded("checked", all_types(), bounds=BOUNDS)
guarded("listed", all_types(), bounds={"i": {"values": [0, 1, 3, 7]}, "b": {"values": [False]}, "f": {"values": [0.5, 0.1, 1]}})
guarded("restored", all_types(), "brittle", BOUNDS, "b", ["previous", "constant"], guard={"constant": CONSTANT})
guarded("restored", [field("f", "FP32"), field("d", "FP64", 0.25, minimum=-1000, maximum=1000), field("i", "INT64", 7), field("s", "BYTES", "né"), field("e", "INT64", 0)],
        "negate", {}, "e", version="0", limits={"max_rows": 2})
guarded("other", [field("d", "FP64"), field("f", "FP32", 0.5, maximum=5), field("i", "INT64", 7), field("s", "BYTES", "né")], "negate",
        guard={"confidence": {"column": "got_d", "minimum": 0.2}})
guarded("passed_on", all_types(), "brittle", BOUNDS, "b", ["model:nobody", "model:other", "previous"])
guarded("passed_on", [field("f", "FP32", 0.5), field("d", "FP64", 0.25), field("i", "INT64", 7), field("s", "BYTES", "né")], version="0",
        unknown_fields="reject", limits={"max_rows": 1})
guarded("abstaining", all_types(), guard={"confidence": {"column": "got_d", "binary": True, "minimum": 0.8}})
guarded("prompting", all_types(), guard={"confidence": {"column": "got_f", "minimum": 0.9, "below": "prompt"}})
guarded("choosing", all_types(width=3), guard={
    "confidence": {"column": "got_f", "minimum": 0.9, "below": "alternatives"}, "alternatives": {"column": "got_d", "labels": ["a\"é", 2, True], "count": 2}})
guarded("rooted", all_types(width=3), "root", without="fd", steps=["constant"], guard={
    "confidence": {"column": "got_f", "minimum": 0.9, "below": "fall_back"}, "constant": {"got_i": [1, 2, 3], "got_b": [True] * 3, "got_s": ["", "é", "x"]}})
guarded("costly", all_types(), without="b", steps=["model:other", "constant"], guard={
    "confidence": {"column": "got_d", "binary": True}, "constant": CONSTANT,
    "error_cost": {"decision": "got_s", "actions": {"x": {"cost": 100, "maximum": 10, "above": "fall_back"}, "né": {"cost": 1, "maximum": 0.2, "above": "prompt"}}}})
guarded("yielding", all_types(), guard={"confidence": {"column": "got_d", "minimum": 0.5, "below": "fall_back"}})
guarded("watched", all_types(), steps=["previous"], stages=RISK, guard={"safeguard": {"column": "risk_d", "maximum": 0.5, "above": "fall_back"}})
guarded("watched", all_types(), "negate", version="0", stages=RISK, guard={"safeguard": {"column": "risk_d", "maximum": 100, "above": "prompt"}})
guarded("averages", all_types(), guard={
    "confidence": {"column": "got_d", "minimum": 0.1, "below": "prompt"},
    "moving_averages": [{"output": "got_f", "rows": 20, "deviations": 2, "minimum_rows": 2}, {"output": "got_i", "deviations": 3}]})

# --- Cases ----------------------------------------------------------------------------------------------------------

CASES = []


class Fails:
    """A row or a request that must fail, with the reason and the text that its message must contain."""

    def __init__(self, reason, names):
        self.reason, self.names = reason, names

    def error(self):
        retry = "false"
        return (f'"error":{{"code":"{CODES.get(self.reason, "INVALID_ARGUMENT")}","reason":"{self.reason}","message":"",'
                f'"retryable":{retry}}}')


MISMATCH, RANGE, MISSING, INFINITE, LARGE, JUNK = (
    "schema_mismatch", "out_of_range", "missing_field", "not_finite", "too_large", "decode_failed")
REJECTED, FAILED, UNSURE = "output_rejected", "model_failed", "low_confidence"


class Remarked:
    """A row that is answered, but not simply by its release: `row` are the outputs that may be shown, None for none."""

    def __init__(self, status, reason, names, row=None, alternatives=""):
        self.status, self.reason, self.names, self.row, self.alternatives = status, reason, names, row, alternatives

    def because(self):
        return f'"reason":"{self.reason}","message":""'

    def outcome(self, release):
        outputs = outputs_object(release, self.row) + "," if self.row is not None else ""
        alternatives = f'"alternatives":[{self.alternatives}],' if self.alternatives else ""
        return f'{outputs}{alternatives}"guard":{{{self.because()}}}'


class Stands(Remarked):
    """A row that another release answers, or a constant; `by` is who, as JSON."""

    def __init__(self, by, reason, names, row):
        super().__init__("fallback", reason, names, row)
        self.by = by

    def outcome(self, release):
        return f'{outputs_object(release, self.row)},"fallback":{{{self.by},{self.because()}}}'


def status_of(rows):
    failed = sum(isinstance(r, Fails) for r in rows)
    return "ok" if failed == 0 else "error" if failed == len(rows) else "partial"


def add(name, release, request, status, response, names):
    twins = sum(c["name"].split(" #")[0] == name for c in CASES)
    case = {"name": f"{name} #{twins + 1}" if twins else name, "release": release}
    if isinstance(request, str):
        case["request"] = request
    else:
        try:
            case["request"] = request.decode("utf-8")
        except UnicodeDecodeError:
            case["base64"] = base64.b64encode(request).decode()
    assert "message" not in names
    CASES.append(case | {"status": status, "response": response, "names": names})


def outputs_of(name):
    made = [o["name"] for o in RELEASES[name]["outputs"]]
    return [(i["name"], i["datatype"], i.get("width", 1), i.get("default")) for i in RELEASES[name]["inputs"] if "got_" + i["name"] in made]


def completed(release, row):
    """A row with its defaults."""
    return {n: row[n] if n in row else default if w == 1 else [default] * w for n, _, w, default in outputs_of(release)}


def outputs_object(release, row):
    row = completed(release, row)
    parts = []
    for n, t, w, _ in outputs_of(release):
        text = written(row[n], t)
        parts.append(string("got_" + n) + ":" + (f"[{text}]" if w > 1 else text))
    return '"outputs":{' + ",".join(parts) + "}"


def whole(name, release, request, failure, id='"$id"', tensors=False):
    """A request that fails as a whole."""
    if tensors:
        text = (f'{{"id":{id},"model_name":"{release}","model_version":"1",{failure.error()},'
                f'"parameters":{{"status":"error","worker":"offline","generation":1}}}}')
    else:
        text = f'{{"id":{id},"status":"error","model":"{release}","version":"1","worker":"offline","generation":1,{failure.error()}}}'
    add(name, release, request, "error", text, [failure.names])


def outcome(release, row):
    if isinstance(row, Remarked):
        return row.outcome(release)
    return row.error() if isinstance(row, Fails) else outputs_object(release, row)


def named(rows, kinds=(Fails, Remarked)):
    return [r.names for r in rows if isinstance(r, kinds)]


def context(name, release, request, row, id='"$id"'):
    """A context; `row` is the fields that it sets, or how it fails."""
    status = row.status if isinstance(row, Remarked) else status_of([row])
    text = (f'{{"id":{id},"status":"{status}","model":"{release}","version":"1","worker":"offline","generation":1,'
            f'{outcome(release, row)}}}')
    add(name, release, request, status, text, named([row]))


def array(name, release, request, rows, ids=None):
    """An array of contexts; `ids` are those of the rows that have one, as JSON."""
    status, ids = status_of(rows), ids or [None] * len(rows)
    marks = [f'"status":"{r.status}",' if isinstance(r, Remarked) else "" for r in rows]
    parts = [("{" + (f'"id":{i},' if i else "") + m + outcome(release, r) + "}") for r, m, i in zip(rows, marks, ids, strict=True)]
    text = (f'{{"id":"$id","status":"{status}","model":"{release}","version":"1","worker":"offline","generation":1,'
            f'"rows":[{",".join(parts)}]}}')
    add(name, release, request, status, text, named(rows))


def tensors(name, release, request, rows, id='"$id"', chosen=None):
    """An Open Inference body; `chosen` are the inputs whose echoes it asks for."""
    status = status_of(rows)
    parts = []
    known = {n: (t, w) for n, t, w, _ in outputs_of(release)}
    for n in chosen or list(known):
        t, w = known[n]
        blank = {"FP32": "null", "FP64": "null", "INT64": "0", "BOOL": "false", "BYTES": '""'}[t]
        shown = [None if isinstance(r, Fails) else r.row if isinstance(r, Remarked) else r for r in rows]
        data = [",".join([blank] * w) if r is None else written(completed(release, r)[n], t) for r in shown]
        shape = str(len(rows)) + (f",{w}" if w > 1 else "")
        parts.append(f'{{"name":{string("got_" + n)},"datatype":"{t}","shape":[{shape}],"data":[{",".join(data)}]}}')
    if status != "ok":
        errors = ",".join(f'"{r.reason}: "' if isinstance(r, Fails) else '""' for r in rows)
        parts.append(f'{{"name":"row_error","datatype":"BYTES","shape":[{len(rows)}],"data":[{errors}]}}')
    if any(isinstance(r, Remarked) for r in rows):
        states = ",".join(f'"{r.status}"' if isinstance(r, Remarked) else '"error"' if isinstance(r, Fails) else '"ok"' for r in rows)
        remarks = ",".join(f'"{r.reason}: "' if isinstance(r, Remarked) else '""' for r in rows)
        parts.append(f'{{"name":"row_status","datatype":"BYTES","shape":[{len(rows)}],"data":[{states}]}}')
        parts.append(f'{{"name":"row_remark","datatype":"BYTES","shape":[{len(rows)}],"data":[{remarks}]}}')
    text = (f'{{"id":{id},"model_name":"{release}","model_version":"1","outputs":[{",".join(parts)}],'
            f'"parameters":{{"status":"{status}","worker":"offline","generation":1}}}}')
    add(name, release, request, status, text, named(rows, Fails) + named(rows, Remarked))


def tensor(name, datatype, shape, data):
    return f'{{"name":{string(name)},"datatype":"{datatype}","shape":{json.dumps(shape)},"data":{data}}}'


def body(*parts, id=None, more=""):
    return "{" + (f'"id":{id},' if id else "") + '"inputs":[' + ",".join(parts) + "]" + more + "}"


def value(release, field, text, result, good=None, forms="cat"):
    """A value of one field in each form: `result` is what its column must hold, or how it fails.

    `good` is (text, value) of a neighbour that is right.
    """
    spec = {n: (t, w, d) for n, t, w, d in outputs_of(release)}[field]
    datatype, width, _ = spec
    row = result if isinstance(result, Fails) else {field: result}
    label = f"{release} {field} {text if len(text) < 60 else text[:50] + '…'}"
    key = string(field)
    if "c" in forms:
        context(f"{label}, context", release, f'{{"id":"r-1",{key}:{text}}}', row, id='"r-1"')
    neighbours = [good, good] if good else []
    if "a" in forms:
        if good:
            array(f"{label}, array", release, f'[{{"id":"a",{key}:{good[0]}}},{{{key}:{text},"id":2}},{{"id":null,{key}:{good[0]}}}]',
                  [{field: good[1]}, row, {field: good[1]}], ids=['"a"', "2", None])
        else:
            array(f"{label}, array", release, f'[{{}},{{"id":-2,{key}:{text}}}]', [{}, row], ids=[None, "-2"])
    if "t" in forms:
        shape = [1 + len(neighbours)] + ([width] if width > 1 else [])
        rows = [{field: good[1]}, row, {field: good[1]}] if good else [row]
        if width == 1:
            data = f"[{good[0]},{text},{good[0]}]" if good else f"[{text}]"
            tensors(f"{label}, tensor", release, body(tensor(field, datatype, shape, data), id="8"), rows, id="8")
            nested = f"[[{good[0]}],[{text}],[{good[0]}]]" if good else f"[[{text}]]"
            tensors(f"{label}, nested", release, body(tensor(field, datatype, shape + [1], nested), id="8"), rows, id="8")
        else:
            data = f"[{good[0]},{text},{good[0]}]" if good else f"[{text}]"
            tensors(f"{label}, nested", release, body(tensor(field, datatype, shape, data)), rows)
            flat = "[" + ",".join(part[1:-1] for part in data[1:-1].replace("],[", "]\0[").split("\0")) + "]"
            tensors(f"{label}, flat", release, body(tensor(field, datatype, shape, flat)), rows)


def junk(name, request, release="types", names=""):
    """Bytes that are no JSON: the whole request fails, and nothing of it is known."""
    whole(name, release, request, Fails(JUNK, names))


# Every datatype on its own: what a JSON value becomes in its column.

GOOD = {"f": ("1.5", 1.5), "d": ("2.5", 2.5), "i": ("3", 3), "b": ("false", False), "s": ('"x"', "x")}
NUMBERS = [  # text, FP32, FP64, INT64: a value or how it fails
    ("0", 0, 0, 0), ("-0", 0, 0, 0), ("0.0", 0.0, 0.0, 0), ("-0.0", -0.0, -0.0, 0), ("1", 1, 1, 1), ("-1", -1, -1, -1),
    ("0.1", 0.1, 0.1, MISMATCH), ("5.0", 5, 5, 5), ("5.5", 5.5, 5.5, MISMATCH), ("1e2", 100, 100, 100), ("1E+2", 100, 100, 100),
    ("-1e-2", -0.01, -0.01, MISMATCH), ("123456", 123456, 123456, 123456), ("100000", 1e5, 1e5, 100000),
    ("0.00001", 1e-5, 1e-5, MISMATCH), ("0.001", 0.001, 0.001, MISMATCH), ("123456.789", 123456.789, 123456.789, MISMATCH),
    ("16777217", 16777216, 16777217, 16777217), ("33554435", 33554436, 33554435, 33554435),
    ("9007199254740991", 2.0**53, 2**53 - 1, 2**53 - 1), ("9007199254740992", 2.0**53, 2**53, 2**53),
    ("9007199254740993", 2.0**53, 2.0**53, 2**53 + 1), ("-9007199254740993", -2.0**53, -2.0**53, -2**53 - 1),
    ("9007199254740993.0", 2.0**53, 2.0**53, 2**53), ("2251799813685249.5", 2251799813685249.5, 2251799813685249.5, MISMATCH),
    ("4611686018427387904", 2.0**62, 2.0**62, 2**62), ("9223372036854774784", 2.0**63, 9223372036854774784, 2**63 - 1024),
    ("9223372036854775807", 2.0**63, 2.0**63, 2**63 - 1), ("-9223372036854775808", -2.0**63, -2.0**63, -2**63),
    ("9223372036854775808", 2.0**63, 2.0**63, RANGE), ("18446744073709551615", 2.0**64, 2.0**64, RANGE),
    ("9.223372036854775807e18", 2.0**63, 2.0**63, RANGE), ("-9.223372036854775808e18", -2.0**63, -2.0**63, -2**63),
    ("9.2233720368547747e18", 2.0**63, 9.2233720368547747e18, 9223372036854774784), ("1e19", 1e19, 1e19, RANGE),
    ("-1e19", -1e19, -1e19, RANGE), ("1e20", 1e20, 1e20, RANGE), ("1.2345678901234567e25", 1.2345678901234567e25, 1.2345678901234567e25, RANGE),
    ("3.4028234e38", 3.4028234e38, 3.4028234e38, RANGE), ("3.4028234663852886e38", 3.4028234663852886e38, 3.4028234663852886e38, RANGE),
    ("3.4028235677973362e38", 3.4028234663852886e38, 3.4028235677973362e38, RANGE),
    ("3.4028235677973366e38", INFINITE, 3.4028235677973366e38, RANGE), ("-3.4028235677973366e38", INFINITE, -3.4028235677973366e38, RANGE),
    ("1e39", INFINITE, 1e39, RANGE), ("-1e39", INFINITE, -1e39, RANGE), ("1e308", INFINITE, 1e308, RANGE),
    ("1.7976931348623157e308", INFINITE, 1.7976931348623157e308, RANGE), ("1.1754943508222875e-38", 1.1754943508222875e-38, 1.1754943508222875e-38, MISMATCH),
    ("1e-45", 1.401298464324817e-45, 1e-45, MISMATCH), ("-1e-45", -1.401298464324817e-45, -1e-45, MISMATCH),
    ("7e-46", 0.0, 7e-46, MISMATCH), ("-7e-46", -0.0, -7e-46, MISMATCH), ("7.1e-46", 1.401298464324817e-45, 7.1e-46, MISMATCH),
    ("2.2250738585072014e-308", 0.0, 2.2250738585072014e-308, MISMATCH), ("5e-324", 0.0, 5e-324, MISMATCH),
    ("-5e-324", -0.0, -5e-324, MISMATCH), ("2e-324", 0.0, 0.0, 0), ("1e-400", 0.0, 0.0, 0), ("-1e-400", -0.0, -0.0, 0),
    ("0.30000000000000004", 0.3, 0.30000000000000004, MISMATCH), ("3.14159265358979323846264338327950288", 3.14159265358979, 3.141592653589793, MISMATCH),
    ("1.00000000000000000000000000000000000000000", 1, 1, 1), ("2.000000000000000000000000000000000001", 2, 2, 2),
]
for text, *results in NUMBERS:
    for name, result in zip("fdi", results):
        value("types", name, text, Fails(result, name) if isinstance(result, str) else result, GOOD[name])

OTHERS = ["true", "false", '"1"', '""', '"NaN"', "[]", "[1]", "{}", '{"a":1}', "[[1]]", "1", "0"]
for name in "fdibs":
    for text in OTHERS:
        if name in "fdi" and text in ("1", "0"):
            continue
        if name == "b" and text in ("true", "false"):
            value("types", name, text, text == "true", GOOD[name])
        elif name == "s" and text[0] == '"':
            value("types", name, text, json.loads(text), GOOD[name])
        elif text in ("[1]", "[]", "[[1]]"):
            # As a tensor's element these are rows of their own, whose shapes are told of elsewhere.
            value("types", name, text, Fails(MISMATCH, name), GOOD[name], forms="ca")
        else:
            value("types", name, text, Fails(MISMATCH, name), GOOD[name])
    value("types", name, "null", DEFAULTS[LETTERS[name]], GOOD[name])
    value("types", name, " \t\r\n" + GOOD[name][0] + "\n", GOOD[name][1], GOOD[name])

TEXTS = [
    '"\\u0000"', '"a\\u0000b"', '"é"', '"\\u00e9"', '"e\\u0301"', '"\\ud83c\\udf4c"', '"\U0001f34c"', '"\\/"', '"\\"\\\\\\b\\f\\n\\r\\t"',
    '"\x7f"', '"\\u007f\\u001f\\u0001"', '"\u2028\u2029"', '"\ufeff"', '"\uffff"', '"\U0010ffff"', '"\\udbff\\udfff"', '"\\u2028"',
    '"' + "x" * 1000 + '"', '"' + "\\u00df" * 300 + '"', '"{}[],:"', '"null"', '"\\u0022"', '"\u202e"', '" "', '"\\\\u0041"', '"ﬁ"',
]
for text in TEXTS:
    value("types", "s", text, json.loads(text), GOOD["s"])

# A required field that is missing or null.

FULL = {"f": 1.5, "d": 2.5, "i": 3, "b": False, "s": "x"}


def fields(values):
    return ",".join(f'"{n}":{t}' for n, t in values.items())


TEXT_OF = {n: t for n, (t, _) in GOOD.items()}
context("needed, all there", "needed", "{" + fields(TEXT_OF) + "}", FULL)
for name in "fdibs":
    rest = {n: t for n, t in TEXT_OF.items() if n != name}
    gone = Fails(MISSING, name)
    context(f"needed, no {name}", "needed", "{" + fields(rest) + "}", gone)
    context(f"needed, {name} null", "needed", "{" + fields(TEXT_OF | {name: "null"}) + "}", gone)
    context(f"needed, {name} null at last", "needed", "{" + fields(TEXT_OF) + f',"{name}":null}}', gone)
    context(f"needed, {name} null and then there", "needed", f'{{"{name}":null,' + fields(TEXT_OF) + "}", FULL)
    array(f"needed, no {name} in one of three", "needed",
          "[{" + fields(TEXT_OF) + "},{" + fields(rest) + "},{" + fields(TEXT_OF) + "}]", [FULL, gone, FULL])
    columns = [tensor(n, LETTERS[n], [1], f"[{t}]") for n, t in TEXT_OF.items()]
    whole(f"needed, no tensor {name}", "needed", body(*[c for n, c in zip("fdibs", columns) if n != name]), gone, tensors=True)
    value_columns = [tensor(n, LETTERS[n], [2], f"[{t},{'null' if n == name else t}]") for n, t in TEXT_OF.items()]
    tensors(f"needed, {name} null in one row of a tensor", "needed", body(*value_columns), [FULL, gone])
    nested = [tensor(n, LETTERS[n], [2, 1], f"[[{t}],[{'null' if n == name else t}]]") for n, t in TEXT_OF.items()]
    tensors(f"needed, {name} null in one row of a nested tensor", "needed", body(*nested), [FULL, gone])
context("needed, nothing", "needed", "{}", Fails(MISSING, "f"))
array("needed, nothing twice", "needed", "[{},{}]", [Fails(MISSING, "f"), Fails(MISSING, "f")])

# Ranges: both ends belong to them; numbers are compared as they were sent.

for name, text, result in [
    ("f", "-1.5", -1.5), ("f", "-1.5000000000000002", RANGE), ("f", "-1.4999999999999998", -1.5), ("f", "0.1", 0.1),
    ("f", "0.10000000000000002", RANGE), ("f", "0.10000000149011612", RANGE), ("f", "1e39", RANGE), ("f", "-1e39", RANGE), ("f", "-0.0", -0.0),
    ("f", "0", 0), ("f", "1", RANGE), ("f", "-2", RANGE), ("f", "18446744073709551615", RANGE), ("f", '"0"', MISMATCH),
    ("d", "0", 0), ("d", "-0.0", -0.0), ("d", "-5e-324", RANGE), ("d", "5e-324", 5e-324), ("d", "1e308", 1e308),
    ("d", "1.0000000000000002e308", RANGE), ("d", "1.7e308", RANGE), ("d", "-1", RANGE), ("d", "9.999999999999999e307", 9.999999999999999e307),
    ("i", "-3", -3), ("i", "-4", RANGE), ("i", "-3.0", -3), ("i", "-3.5", MISMATCH), ("i", "9007199254740992", 2**53),
    ("i", "9007199254740993", RANGE), ("i", "9223372036854775807", RANGE), ("i", "9223372036854775808", RANGE), ("i", "-9223372036854775808", RANGE),
    ("i", "1e300", RANGE),
]:
    value("ranges", name, text, Fails(result, name) if isinstance(result, str) else result,
          {"f": ("0", 0), "d": ("1", 1), "i": ("0", 0)}[name])
for name, text, result in [
    ("i", "0", RANGE), ("i", "1", 1), ("i", "2", 2), ("i", "3", RANGE), ("j", "9223372036854775807", 2**63 - 1),
    ("j", "-9223372036854775808", -2**63), ("j", "9223372036854775808", RANGE), ("f", "1", 1), ("f", "1.0000000000000002", RANGE),
    ("f", "0.9999999999999999", RANGE), ("d", "5e-324", 5e-324), ("d", "1e-323", RANGE), ("d", "0", 0),
]:
    value("halves", name, text, Fails(result, name) if isinstance(result, str) else result)

# Lists.

for name, text, result in [
    ("f", "0.1", 0.1), ("f", "0.10000000149011612", 0.1), ("f", "0.11", RANGE), ("f", "1", 1), ("f", "1.0", 1), ("f", "16777217", 16777216),
    ("f", "1e39", INFINITE), ("f", "-2.5", -2.5), ("f", "-1", RANGE), ("f", '"1"', MISMATCH), ("d", "0.1", 0.1), ("d", "0.10000000149011612", RANGE),
    ("d", "-0.0", -0.0), ("d", "1e300", 1e300), ("d", "1.1e300", RANGE), ("i", "1", 1), ("i", "1.0", 1), ("i", "2", RANGE), ("i", "-2", -2),
    ("i", "9007199254740993", 2**53 + 1), ("i", "9007199254740992", RANGE), ("i", "9223372036854775807", 2**63 - 1),
    ("i", "9223372036854775806", RANGE), ("i", "1.5", MISMATCH), ("b", "true", True), ("b", "false", RANGE), ("b", "0", MISMATCH),
    ("s", '"FL"', "FL"), ("s", '"F\\u004c"', "FL"), ("s", '"fl"', RANGE), ("s", '"FL "', RANGE), ("s", '"F"', RANGE), ("s", '"FLL"', RANGE),
    ("s", '"Île-de-France"', "Île-de-France"), ("s", '"I\\u0302le-de-France"', RANGE), ("s", '""', ""), ("s", '"a\\u0000b"', "a\0b"),
    ("s", '"a"', RANGE), ("s", '"\\ud83c\\udf4c"', "\U0001f34c"), ("s", '"' + "y" * 5000 + '"', RANGE), ("s", "7", MISMATCH),
]:
    value("lists", name, text, Fails(result, name) if isinstance(result, str) and result in (RANGE, MISMATCH, INFINITE) else result,
          {"f": ("1", 1), "d": ("0", 0), "i": ("1", 1), "b": ("true", True), "s": ('"NY"', "NY")}[name])

# Patterns and lengths: the whole value; characters are code points.

BREAKS = Fails(RANGE, None)
for name, text, result in [
    ("code", "AB12", "AB12"), ("code", "AB", BREAKS), ("code", "xAB1", BREAKS), ("code", "AB1 ", BREAKS), ("code", "AB1\n", BREAKS),
    ("code", "ÄB1", BREAKS), ("code", "AB\u0661", BREAKS), ("code", "", BREAKS), ("code", "AB1\0", BREAKS), ("code", "AB" + "9" * 3000, "AB" + "9" * 3000),
    ("short", "", ""), ("short", "abc", "abc"), ("short", "abcd", BREAKS), ("short", "ééé", "ééé"), ("short", "éééé", BREAKS),
    ("short", "\U0001f34c" * 3, "\U0001f34c" * 3), ("short", "\U0001f34c" * 4, BREAKS), ("short", "e\u0301e\u0301", BREAKS), ("short", "\0\0\0", "\0\0\0"),
    ("short", "\0\0\0\0", BREAKS), ("long", "", BREAKS), ("long", "é", BREAKS), ("long", "e\u0301", "e\u0301"), ("long", "\U0001f34c", BREAKS), ("long", "ab", "ab"),
    ("exact", "ab", BREAKS), ("exact", "abc", "abc"), ("exact", "abcd", BREAKS), ("empty", "", ""), ("empty", " ", BREAKS), ("any", "a\nb\0", "a\nb\0"),
    ("any", "", ""), ("letters", "äβж", "äβж"), ("letters", "a1", BREAKS), ("letters", "", BREAKS), ("letters", "abcde", BREAKS), ("letters", "\U0001f34c", BREAKS),
    ("letters", "𝔄", "𝔄"), ("listed", "on", "on"), ("listed", "On", BREAKS), ("listed", "onoff", BREAKS), ("evil", "a" * 5000 + "b", "a" * 5000 + "b"),
    ("evil", "a" * 5000, BREAKS), ("line", "one line", "one line"), ("line", "two\nlines", BREAKS), ("line", "\u2028", "\u2028"),
]:
    good = {"code": "XY7", "exact": "xyz", "empty": "", "listed": "off", "evil": "ab"}.get(name, "xy")
    value("texts", name, string(text), Fails(RANGE, name) if result is BREAKS else result, (string(good), good))
for name in ("code", "short", "listed"):
    value("texts", name, "7", Fails(MISMATCH, name), forms="cat")

# Wide inputs.

WIDE = {"f": ("[1,2.5,-3]", [1, 2.5, -3]), "d": ("[1,2.5,1e300]", [1, 2.5, 1e300]), "i": ("[1,2,-3]", [1, 2, -3]),
        "b": ("[true,false,true]", [True, False, True]), "s": ('["a","","é"]', ["a", "", "é"])}
for name, good in WIDE.items():
    value("wide", name, good[0], good[1], (good[0], good[1]))
    element = good[0][1:-1].split(",")[0]
    for text in [f"[{element}]", f"[{element},{element}]", f"[{element},{element},{element},{element}]", "[]", element, "{}", f'{{"0":{element}}}']:
        value("wide", name, text, Fails(MISMATCH, name), good, forms="ca")
    for text in [f"[{element},null,{element}]", f"[{element},[{element}],{element}]", f"[{element},{{}},{element}]"]:
        value("wide", name, text, Fails(MISMATCH, f"{name}[1]"), good)
    value("wide", name, f"[[{element},{element},{element}]]", Fails(MISMATCH, name), good, forms="ca")
    wrong = "7" if name in "bs" else '"x"'
    value("wide", name, f"[{element},{element},{wrong}]", Fails(MISMATCH, f"{name}[2]"), good)
    value("wide", name, "null", [DEFAULTS[LETTERS[name]]] * 3, good, forms="ca")
value("wide", "f", "[1,2,1e39]", Fails(INFINITE, "f[2]"), WIDE["f"])
value("wide", "i", "[9223372036854775808,1,2]", Fails(RANGE, "i[0]"), WIDE["i"])
value("wide", "i", "[1,1.5,2]", Fails(MISMATCH, "i[1]"), WIDE["i"])
for name, text, result in [
    ("f", "[0,9]", [0, 9]), ("f", "[0,9.000001]", "f[1]"), ("f", "[-1,-1]", "f[0]"), ("i", "[1,2]", [1, 2]), ("i", "[2,3]", "i[1]"),
    ("s", '["ab","xyz"]', ["ab", "xyz"]), ("s", '["ab","x"]', "s[1]"), ("s", '["wxyz","ab"]', "s[0]"), ("s", '["ab","XY"]', "s[1]"),
]:
    row = Fails(RANGE, result) if isinstance(result, str) else {name: result, "w": [1, 2]}
    context(f"wide_rules {name} {text}, context", "wide_rules", f'{{"{name}":{text},"w":[1,2]}}', row)
    tensors(f"wide_rules {name} {text}, tensor", "wide_rules",
            body(tensor(name, LETTERS[name], [1, 2], f"[{text}]"), tensor("w", "FP64", [1, 2], "[1,2]")), [row])
context("a wide input that is missing", "wide_rules", "{}", Fails(MISSING, "w"))

# Unknown fields, under both policies.

UNKNOWN = Fails(MISMATCH, "incme")
for policy, known in [("strict", False), ("lax", True)]:
    def either(good, bad=UNKNOWN):
        return good if known else bad
    AGE = {"age": 4.0}
    context(f"{policy}, no unknown field", policy, '{"id":"u","age":4,"state":"NY"}', {"age": 4, "state": "NY"}, id='"u"')
    for label, text in [("first", '"incme":1,"age":4'), ("last", '"age":4,"incme":1'), ("null", '"age":4,"incme":null'), ("object", '"age":4,"incme":{"age":5}'),
                        ("array", '"age":4,"incme":[1,2]'), ("twice", '"incme":1,"age":4,"incme":2'), ("text", '"age":4,"incme":"x"'),
                        ("escaped", '"age":4,"inc\\u006de":1')]:
        context(f"{policy}, unknown field, {label}", policy, f'{{"id":"u",{text}}}', either(AGE), id='"u"')
        array(f"{policy}, unknown field in an element, {label}", policy, f'[{{"age":4}},{{{text},"id":1}},{{"age":4}}]',
              [AGE, either(AGE), AGE], ids=[None, "1", None])
    for label, key, shown in [("empty", '""', '""'), ("case", '"Age"', "Age"), ("blank", '"age "', '"age "'), ("NUL", '"age\\u0000"', '"age\\u0000"'),
                              ("long", '"' + "k" * 3000 + '"', '"' + "k" * 64 + '…"'), ("banana", '"\U0001f34c"', '"\U0001f34c"'),
                              ("quote", '"a\\"b"', 'a"b'), ("ID", '"ID"', "ID"), ("input", '"input"', "input")]:
        context(f"{policy}, unknown field named {label}", policy, f'{{"age":4,{key}:1}}', either(AGE, Fails(MISMATCH, shown + ":")))
    for key in ("id", "inputs", "outputs", "parameters"):
        text = '{"age":4,"%s":%s}' % (key, '"i"' if key == "id" else '{"a":1}')
        context(f"{policy}, reserved {key}", policy, text, AGE, id='"i"' if key == "id" else '"$id"')
        array(f"{policy}, reserved {key} in an element", policy, f"[{text},{text}]", [AGE, AGE], ids=['"i"', '"i"'] if key == "id" else None)
    context(f"{policy}, unknown and missing", policy, '{"incme":4}', either(Fails(MISSING, "age"), UNKNOWN))
    array(f"{policy}, unknown then known", policy, '[{"incme":4,"age":1},{"age":2},{"age":3,"x":1}]',
          [either({"age": 1}), {"age": 2}, either({"age": 3}, Fails(MISMATCH, "x:"))])
    good_tensor, odd = tensor("age", "FP32", [1], "[4]"), tensor("incme", "FP32", [1], "[4]")
    tensors(f"{policy}, known tensors", policy, body(good_tensor, id='"u"', more=',"parameters":{"a":1}'), [AGE], id='"u"')
    tensors(f"{policy}, unknown member of a body", policy, body(good_tensor, more=',"extra":1'), [AGE])
    for label, parts in [("first", [odd, good_tensor]), ("last", [good_tensor, odd]), ("bare", [good_tensor, '{"name":"incme"}'])]:
        if known:
            tensors(f"{policy}, unknown tensor {label}", policy, body(*parts), [AGE])
        else:
            whole(f"{policy}, unknown tensor {label}", policy, body(*parts), UNKNOWN, tensors=True)
    whole(f"{policy}, only an unknown tensor", policy, body(odd), either(Fails(MISSING, "age"), UNKNOWN), tensors=True)
ALL = ",".join(f'"x{n}":{n}.5' for n in range(30))
BACK = ",".join(f'"x{n}":{n}.5' for n in reversed(range(30)))
MANY = {f"x{n}": n + 0.5 for n in range(30)}
context("many, in order", "many", "{" + ALL + "}", MANY)
context("many, backwards", "many", "{" + BACK + "}", MANY)
array("many, in changing order", "many", "[{" + ALL + "},{" + BACK + "},{" + ALL + "},{}]", [MANY, MANY, MANY, {}])
context("many, one more", "many", "{" + ALL + ',"x30":1}', Fails(MISMATCH, "x30"))
context("many, a hundred more", "lax", '{"age":1,' + ",".join(f'"y{n}":{n}' for n in range(100)) + ',"state":"NY"}', {"age": 1, "state": "NY"})

# Names of all kinds, keys that come twice.

for name in NAMES:
    context(f"names, {name[:10]!r}", "names", f"{{{string(name)}:5}}", {name: 5})
    escaped = '"' + "".join("".join(f"\\u{u:04x}" for u in struct.unpack(f"<{len(c.encode('utf-16-le')) // 2}H", c.encode("utf-16-le"))) for c in name) + '"'
    context(f"names, {name[:10]!r} escaped", "names", f"{{{escaped}:6}}", {name: 6})
    tensors(f"names, {name[:10]!r} tensor", "names", body(tensor(name, "INT64", [2], "[7,8]")), [{name: 7}, {name: 8}])
context("a name in another normal form is another name", "names", '{"gro\\u0308\\u00dfe":1}', {})
context("names, wrong and long", "names", f'{{"{"x" * 508}":"a"}}', Fails(MISMATCH, '"' + "x" * 64 + '…"'))
context("names, wrong and with a line break", "names", '{"new\\nline":"a"}', Fails(MISMATCH, '"new\\nline"'))
context("a key twice", "types", '{"f":1,"f":2}', {"f": 2})
context("a key twice, once escaped", "types", '{"f":1,"\\u0066":2}', {"f": 2})
context("a key twice, first wrong", "types", '{"f":"x","f":2}', {"f": 2})
context("a key twice, last wrong", "types", '{"f":2,"f":"x"}', Fails(MISMATCH, "f"))
context("a key twice, last null", "types", '{"f":2,"f":null}', {})
context("an id twice", "types", '{"id":"a","id":"b"}', {}, id='"b"')
context("all fields wrong: the first input is told", "types", '{"s":1,"b":1,"i":"x","d":"x","f":"x"}', Fails(MISMATCH, "f"))

# Identifiers.

for text, echoed in [('"r-7"', '"r-7"'), ("0", "0"), ("-0", "0"), ("-5", "-5"), ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
                     ("18446744073709551615", "18446744073709551615"), ('""', '""'), ("null", None), ('"\\u00e9"', '"é"'), ('"\\u0000"', '"\\u0000"'), ('"a\\"b\\\\"', '"a\\"b\\\\"'),
                     ('"\\ud83c\\udf4c"', '"\U0001f34c"'), ('"' + "x" * 512 + '"', '"' + "x" * 512 + '"'), ('"' + "é" * 256 + '"', '"' + "é" * 256 + '"')]:
    id = echoed or '"$id"'
    context(f"id {text[:20]}", "types", f'{{"id":{text},"f":1}}', {"f": 1}, id=id)
    context(f"id {text[:20]} of a bad context", "types", f'{{"f":"x","id":{text}}}', Fails(MISMATCH, "f"), id=id)
    array(f"id {text[:20]} of elements", "types", f'[{{"f":1,"id":{text}}},{{"id":{text},"f":"x"}}]', [{"f": 1}, Fails(MISMATCH, "f")], ids=[echoed, echoed])
    tensors(f"id {text[:20]} of tensors", "types", body(tensor("f", "FP32", [1], "[1]"), id=text), [{"f": 1}], id=id)
    whole(f"id {text[:20]} of bad tensors", "types", body(tensor("f", "FP32", [2], "[1]"), id=text), Fails(MISMATCH, "inputs[0].data"), id=id, tensors=True)
for text in ["1.5", "1e3", "true", "[]", "{}", '"' + "x" * 513 + '"', '"' + "é" * 257 + '"', '"' + "x" * 10000 + '"']:
    whole(f"bad id {text[:20]}", "types", f'{{"id":{text},"f":1}}', Fails(MISMATCH, "id"))
    array(f"bad id {text[:20]} of an element", "types", f'[{{"f":1}},{{"id":{text},"f":1}}]', [{"f": 1}, Fails(MISMATCH, "id")])
    whole(f"bad id {text[:20]} of tensors", "types", body(tensor("f", "FP32", [1], "[1]"), id=text), Fails(MISMATCH, "id"), tensors=True)

# Arrays and their bounds.

whole("no rows", "types", "[]", Fails(MISMATCH, "empty array"))
whole("no rows, with blanks", "types", " [ ] ", Fails(MISMATCH, "empty array"))
ROW = '{"age":1}'
ONE = {"age": 1}
array("as many rows as allowed", "rows", f"[{ROW},{ROW},{ROW}]", [ONE] * 3)
whole("one row too many", "rows", f"[{ROW},{ROW},{ROW},{ROW}]", Fails(LARGE, "3"))
whole("many rows too many, all bad", "rows", "[" + ",".join(["7"] * 5000) + "]", Fails(LARGE, "3"))
tensors("as many rows of a tensor as allowed", "rows", body(tensor("age", "FP32", [3], "[1,1,1]")), [ONE] * 3)
whole("one row of a tensor too many", "rows", body(tensor("age", "FP32", [4], "[1,1,1,1]")), Fails(LARGE, "inputs[0].shape"), tensors=True)
whole("a shape that promises the moon", "rows", body(tensor("age", "FP32", [2**62], "[1]")), Fails(LARGE, "inputs[0].shape"), tensors=True)
whole("a shape beyond 64 bits", "rows", body(tensor("age", "FP32", [2**63], "[1]")), Fails(MISMATCH, "inputs[0].shape[0]"), tensors=True)
whole("more rows than any release has", "types", "[" + ",".join(["{}"] * 4097) + "]", Fails(LARGE, "4096"))
array("as many rows as a release has that says nothing", "lax", "[" + ",".join([ROW] * 4096) + "]", [ONE] * 4096)
for text in ["7", "null", "true", '"x"', "[]", "[{}]", "1.5"]:
    array(f"an element that is {text}", "rows", f"[{ROW},{text},{ROW}]", [ONE, Fails(MISMATCH, "an object"), ONE])
    array(f"only an element that is {text}", "rows", f"[{text}]", [Fails(MISMATCH, "an object")])
array("elements that differ", "types", '[{},{"f":1},{"i":2,"s":"y"},{"b":false,"d":-1}]', [{}, {"f": 1}, {"i": 2, "s": "y"}, {"b": False, "d": -1}])
array("inputs within an element is an unknown field", "types", '[{"inputs":[],"f":1}]', [{"f": 1}])

# Documents that are none of the three forms, or no documents.

for text in ["null", "true", "false", "7", "-1.5", '"x"', '""', " 7 "]:
    whole(f"a document that is {text}", "types", text, Fails(MISMATCH, "an object or an array"))
context("an empty object", "types", "{}", {})
context("an object among blanks", "types", " \r\n\t{ } \n", {})
for text in ["{}x", "{} {}", "{}}", "[{}]]", "{", "[", '{"f"', '{"f":', '{"f":1', '{"f":1,', '{"f":1,}', "[{},]", "[,{}]", '{"f" 1}', '{"f":1 "d":2}', "{f:1}", "{'f':1}", '{"f":01}',
             '{"f":+1}', '{"f":.5}', '{"f":5.}', '{"f":1e}', '{"f":0x10}', '{"f":NaN}', '{"f":nan}', '{"f":Infinity}', '{"f":-Infinity}', '{"f":inf}', '{"f":1e400}', '{"f":-1e400}',
             '{"f":1_000}', '{"f":1,000}', '{"f":--1}', '{"f":-}', '{"f":undefined}', '{"f":None}', '{"f":True}', '{"f":tru}', '{"f":nul}', '{"f":1}/*x*/', '// x\n{}', '{"s":"\t"}', '{"s":"a\nb"}',
             '{"s":"\\x41"}', '{"s":"\\u12"}', '{"s":"\\u12g4"}', '{"s":"\\ud83c"}', '{"s":"\\ud83cx"}', '{"s":"\\ud83c\\ud83c"}', '{"s":"\\udf4c"}', '{"s":"\\udf4c\\ud83c"}', '{"\\ud83c":1}',
             '{"s":"abc}', '{"s":abc"}', '{1:2}', '{null:1}', '{"f"::1}', '{:1}', '{,}', ":", ",", "]", "}", '"', "'x'", "x", "\0", "{}\0", "\0{}", '{"f":1\0}', " ", "\n", "\ufeff", "-", "+", "\x1e{}\n",
             '{"f":18446744073709551616}', '{"f":-9223372036854775809}', '{"f":123456789012345678901234567890}', '{"f":1}{"f":2}', '{"f":1}\n{"f":2}', "<f>1</f>", "f=1"]:
    junk(f"junk {text!r}", text)
junk("no bytes", b"")
for data in [b"\xff", b"\xfe\xff\x00{\x00}", b'{\x00}\x00', b'{"s":"\xff"}', b'{"s":"\xc3"}', b'{"s":"\xc3("}', b'{"s":"\x80"}', b'{"s":"\xc0\xaf"}', b'{"s":"\xe0\x80\xaf"}', b'{"s":"\xed\xa0\x80"}',
             b'{"s":"\xed\xbf\xbf"}', b'{"s":"\xf4\x90\x80\x80"}', b'{"s":"\xf8\x88\x80\x80\x80"}', b'{"\xff":1}', b'\x1f\x8b\x08\x00\x00\x00\x00\x00', b"\x00\x00\x00\x00\x05\x02f", b'{"f":1}\xff', bytes(range(256)),
             b"\x7f" * 300, b"PAR1" + bytes(60)]:
    junk(f"bytes {data[:12]!r}", data)
LONG = '{"id":"cut","f":1.5,"s":"a\\u00e9\U0001f34c","d":[{"x":null}],"i":12,"b":true}'.encode()
for cut in range(1, len(LONG), 4):
    junk(f"cut at {cut}", LONG[:cut])
for depth, fits in [(62, True), (63, True), (64, False), (65, False), (1000, False), (10000, False)]:
    for left, right in ["[]", ("{\"a\":", "}")]:
        text = '{"f":1,"y":' + left * depth + "1" + right * depth + "}"
        if fits:
            context(f"nested {depth} times {left}", "types", text, {"f": 1})
        else:
            junk(f"nested {depth} times {left}", text, names="nested")
junk("nested and never closed", "[" * 20000)
junk("nested objects never closed", '{"a":' * 20000)

# Bodies of tensors.

F = tensor("f", "FP32", [2], "[1,2]")
TWO = [{"f": 1}, {"f": 2}]
tensors("a tensor", "types", body(F), TWO)
tensors("a tensor with parameters", "types", body('{"parameters":{"content_type":"np"},' + F[1:], id='"o"', more=',"parameters":{"x":1}'), TWO, id='"o"')
tensors("inputs behind the id and the rest", "types", '{"parameters":{},"outputs":null,"id":3,"inputs":[' + F + "]}", TWO, id="3")
tensors("a column", "types", body(tensor("f", "FP32", [2, 1], "[1,2]")), TWO)
tensors("a nested column", "types", body(tensor("f", "FP32", [2, 1], "[[1],[2]]")), TWO)
tensors("nested, though the shape is flat", "types", body(tensor("f", "FP32", [2], "[[1],[2]]")), TWO)
tensors("members twice: the last counts", "types", body('{"name":"d","name":"f","datatype":"BYTES","datatype":"FP32","shape":[9],"shape":[2],"data":[],"data":[1,2]}'), TWO)
for datatype in ["FP32", "FP64", "INT64", "INT32", "INT16", "INT8", "UINT8", "UINT16", "UINT32", "UINT64", "FP16"]:
    for name in "fdi":
        tensors(f"{datatype} for {name}", "types", body(tensor(name, datatype, [2], "[1,2]")), [{name: 1}, {name: 2}])
    for name in "bs":
        whole(f"{datatype} for {name}", "types", body(tensor(name, datatype, [2], "[1,2]")), Fails(MISMATCH, "inputs[0].datatype"), tensors=True)
for datatype in ['"BOOL"', '"BYTES"', '"FP31"', '""', '"fp32"', "7", "null", "[]", '"FP32 "']:
    whole(f"{datatype} for f", "types", body(f'{{"name":"f","datatype":{datatype},"shape":[2],"data":[1,2]}}'), Fails(MISMATCH, "inputs[0].datatype"), tensors=True)
for shape, names in [("[0]", "inputs[0].shape[0]"), ("[-1]", "inputs[0].shape[0]"), ("[1.5]", "inputs[0].shape[0]"), ("[2.0]", "inputs[0].shape[0]"), ('["2"]', "inputs[0].shape[0]"), ("[null]", "inputs[0].shape[0]"),
                     ("[[2]]", "inputs[0].shape[0]"), ("[]", "inputs[0].shape"), ("2", "inputs[0].shape"), ("null", "inputs[0].shape"), ("{}", "inputs[0].shape"), ("[2,2]", "inputs[0].shape[1]"), ("[2,0]", "inputs[0].shape[1]"),
                     ("[2,1,1]", "inputs[0].shape"), ("[1]", "inputs[0].data"), ("[3]", "inputs[0].data"), ("[18446744073709551615]", "inputs[0].shape[0]"), ("[-9223372036854775808]", "inputs[0].shape[0]")]:
    whole(f"shape {shape}", "types", body(f'{{"name":"f","datatype":"FP32","shape":{shape},"data":[1,2]}}'), Fails(MISMATCH, names), tensors=True)
for data, names in [("[]", "inputs[0].data"), ("7", "inputs[0].data"), ("null", "inputs[0].data"), ("{}", "inputs[0].data"), ('"AQ=="', "inputs[0].data"), ("[1]", "inputs[0].data"), ("[1,2,3]", "inputs[0].data"),
                    ("[[1,2]]", "inputs[0].data"), ("[[1],2]", "inputs[0].data[1]"), ("[[1],[2,3]]", "inputs[0].data[1]"), ("[[],[]]", "inputs[0].data[0]"), ("[[1],[]]", "inputs[0].data[1]"), ("[[1],{}]", "inputs[0].data[1]"),
                    ("[[1],null]", "inputs[0].data[1]"), ("[[1],[2],[3]]", "inputs[0].data")]:
    whole(f"data {data}", "types", body(f'{{"name":"f","datatype":"FP32","shape":[2],"data":{data}}}'), Fails(MISMATCH, names), tensors=True)
tensors("flat, with an array in it", "types", body(tensor("f", "FP32", [2], "[1,[2]]")), [{"f": 1}, Fails(MISMATCH, "f")])
tensors("flat, with an object in it", "types", body(tensor("f", "FP32", [3], '[1,{"a":[1,2]},3]')), [{"f": 1}, Fails(MISMATCH, "f"), {"f": 3}])
for missing in ["name", "datatype", "shape", "data"]:
    parts = [f'"{k}":{v}' for k, v in [("name", '"f"'), ("datatype", '"FP32"'), ("shape", "[2]"), ("data", "[1,2]")] if k != missing]
    whole(f"a tensor without {missing}", "types", body("{" + ",".join(parts) + "}"), Fails(MISMATCH, f"inputs[0].{missing}"), tensors=True)
for text in ["7", "null", "[]", '"f"', "true"]:
    whole(f"a tensor that is {text}", "types", body(F, text), Fails(MISMATCH, "inputs[1]"), tensors=True)
    whole(f"a tensor whose name is {text}", "types", body(F, f'{{"name":{text},"datatype":"FP32","shape":[2],"data":[1,2]}}'),
          Fails(MISMATCH, "inputs[1].name"), tensors=True)
whole("a tensor twice", "types", body(F, F), Fails(MISMATCH, "inputs[1].name"), tensors=True)
whole("rows that differ", "types", body(F, tensor("i", "INT64", [3], "[1,2,3]")), Fails(MISMATCH, "inputs[1].shape"), tensors=True)
whole("no tensors", "types", body(), Fails(MISMATCH, "inputs"), tensors=True)
whole("no tensor that the release knows", "types", body(tensor("zzz", "FP32", [2], "[1,2]")), Fails(MISMATCH, "inputs"), tensors=True)
tensors("a tensor that the release does not know", "types", body(tensor("zzz", "FP99", [7], "[1]"), F), TWO)
tensors("all tensors", "types", body(F, tensor("d", "FP64", [2], "[1,2]"), tensor("i", "INT64", [2], "[1,2]"), tensor("b", "BOOL", [2], "[true,false]"), tensor("s", "BYTES", [2], '["a","b"]')),
        [{"f": 1, "d": 1, "i": 1, "b": True, "s": "a"}, {"f": 2, "d": 2, "i": 2, "b": False, "s": "b"}])
tensors("rows bad in different tensors", "types", body(tensor("f", "FP32", [4], '[1,"x",3,1e39]'), tensor("i", "INT64", [4], '[1,"y",1.5,4]')),
        [{"f": 1, "i": 1}, Fails(MISMATCH, "f"), Fails(MISMATCH, "i"), Fails(INFINITE, "f")])
tensors("all rows bad", "types", body(tensor("f", "FP32", [2], '["x","y"]')), [Fails(MISMATCH, "f")] * 2)
for outputs, chosen in [('[{"name":"got_i"}]', ["i"]), ('[{"name":"got_s"},{"name":"got_f"},{"name":"got_s"}]', ["s", "f"]), ("[]", None), ("null", None), ('[{"name":"got_d","parameters":{}}]', ["d"])]:
    tensors(f"outputs {outputs}", "types", body(F, more=f',"outputs":{outputs}'), TWO, chosen=chosen)
    tensors(f"outputs {outputs}, a bad row", "types", body(tensor("f", "FP32", [2], '[1,"x"]'), more=f',"outputs":{outputs}'), [TWO[0], Fails(MISMATCH, "f")], chosen=chosen)
for outputs, names in [("7", "outputs"), ("{}", "outputs"), ('"got_f"', "outputs"), ("[7]", "outputs[0]"), ("[null]", "outputs[0]"), ("[{}]", "outputs[0].name"), ('[{"name":7}]', "outputs[0].name"),
                       ('[{"name":"got_f"},{"name":"f"}]', "outputs[1].name"), ('[{"name":""}]', "outputs[0].name"), ('["got_f"]', "outputs[0]")]:
    whole(f"outputs {outputs}", "types", body(F, more=f',"outputs":{outputs}'), Fails(MISMATCH, names), tensors=True)
context("inputs that is no array is a field like any other", "types", '{"inputs":7,"f":1}', {"f": 1})
context("outputs is no field", "types", '{"outputs":7,"f":1}', {"f": 1})
whole("wide: rank of one", "wide", body(tensor("f", "FP32", [1], "[[1,2,3]]")), Fails(MISMATCH, "inputs[0].shape"), tensors=True)
whole("wide: another width", "wide", body(tensor("f", "FP32", [1, 2], "[1,2]")), Fails(MISMATCH, "inputs[0].shape[1]"), tensors=True)
whole("wide: too few", "wide", body(tensor("f", "FP32", [2, 3], "[1,2,3,4,5]")), Fails(MISMATCH, "inputs[0].data"), tensors=True)
whole("wide: a row too narrow", "wide", body(tensor("f", "FP32", [2, 3], "[[1,2,3],[4,5]]")), Fails(MISMATCH, "inputs[0].data[1]"), tensors=True)
tensors("wide: two rows", "wide", body(tensor("f", "FP32", [2, 3], "[1,2,3,4,5,6]"), tensor("s", "BYTES", [2, 3], '[["a","b","c"],["d","e","f"]]')),
        [{"f": [1, 2, 3], "s": ["a", "b", "c"]}, {"f": [4, 5, 6], "s": ["d", "e", "f"]}])

# Answers that are checked, withheld, or made by others: each row alone, in an array and in tensors, among rows that are answered.


def three(label, release, sent, row, well_sent, well, single=None):
    """A row in all three forms; `well_sent` is what a neighbour sends that is answered `well`, `single` what becomes of the row as a context if not the same."""
    context(f"{release}, {label}, context", release, "{" + fields(sent) + "}", row if single is None else single)
    request = "[" + ",".join("{" + fields(s) + "}" for s in (well_sent, sent, well_sent)) + "]"
    array(f"{release}, {label}, array", release, request, [well, row, well])
    parts = []
    for n in sent:
        shape = [3] if RELEASES[release]["inputs"][0].get("width", 1) == 1 else [3, 3]
        parts.append(tensor(n, LETTERS[n], shape, f"[{well_sent[n]},{sent[n]},{well_sent[n]}]"))
    tensors(f"{release}, {label}, tensors", release, body(*parts, id='"t"'), [well, row, well], id='"t"')
    chosen = outputs_of(release)[-1][0]
    tensors(f"{release}, {label}, one output", release, body(*parts, more=f',"outputs":[{{"name":"got_{chosen}"}}]'), [well, row, well], chosen=[chosen])


def release_is(name, version):
    return f'"model":"{name}","version":"{version}"'


def constant_of(name):
    return release_is(name, "1") + ',"constant":true'


FIXED = {"f": 0, "d": 0.5, "i": -1, "s": "né"}
for n, text, result in [
    ("f", "-1.5", -1.5), ("f", "-1.6", "-1.6, expected at least -1.5"), ("f", "1001", "at most 1000"), ("f", "1000", 1000), ("d", "-100", -100),
    ("d", "-100.5", "-100.5, expected at least -100"), ("d", "1e300", 1e300),
    ("f", "-9223372036854775808", "made -9.223372e+18"), ("d", "-9223372036854775808", "made -9.223372036854776e+18"), ("d", "-9007199254740992", "made -9007199254740992.0"),
    ("i", "100000", 100000), ("i", "100001", "100001, expected at most 100000"),
]:
    three(f"{n} is {text}", "checked", {n: text}, {n: result} if not isinstance(result, str) else Fails(REJECTED, result), {n: "1"}, {n: 1})
WELL = {"i": "7", "b": "false"}
for sent, row in [
    (WELL | {"i": "3"}, {"i": 3, "b": False}), (WELL | {"i": "4"}, Fails(REJECTED, "got_i: the release made 4")),
    (WELL | {"b": "true"}, Fails(REJECTED, "got_b: the release made true")),
]:
    three(f"{sent}", "listed", sent, row, WELL, {"i": 7, "b": False})
for sent, row in [
    ({"f": "1", "i": "4"}, {"f": 1, "i": 4}), ({"f": "0.5", "i": "100001"}, Stands(release_is("restored", "0"), REJECTED, "got_i", {"f": -0.5, "d": -0.25, "i": -100001})),
    ({"f": "1001", "i": "4"}, Stands(constant_of("restored"), REJECTED, "got_f", FIXED)), ({"f": "1", "i": "3"}, Stands(release_is("restored", "0"), FAILED, "told to fail", {"f": -1, "d": -0.25, "i": -3})),
    ({"f": "-2", "i": "3"}, Stands(release_is("restored", "0"), FAILED, "told to fail", {"f": 2, "d": -0.25, "i": -3})),
]:
    context(f"restored, {sent}", "restored", "{" + fields(sent) + "}", row)
    array(f"restored, {sent}, two", "restored", "[{" + fields(sent) + '},{"i":1}]', [row, {"i": 1}])
    tensors(f"restored, {sent}, two", "restored", body(*[tensor(n, LETTERS[n], [2], f"[{t},1]") for n, t in sent.items()]), [row, {"f": 1, "i": 1}])
    late = row if not isinstance(row, Stands) else Stands(constant_of("restored"), row.reason, row.names, FIXED)
    three(f"{sent}, more rows than the one before takes", "restored", sent, late, {"f": "1", "i": "1"}, {"f": 1, "i": 1}, row)
context("restored, what the one before requires is missing", "restored", '{"i":3}', Stands(constant_of("restored"), FAILED, "told to fail", FIXED))
context("restored, what the one before does not take", "restored", '{"i":3,"f":1,"d":1001}', Stands(constant_of("restored"), FAILED, "told to fail", FIXED))
context("restored, a bad request stays one", "restored", '{"i":"3","f":1}', Fails(MISMATCH, "i"))
BY_OTHER = release_is("other", "1")
SURE = {"d": "-0.5", "i": "1"}
three("another model answers", "passed_on", SURE | {"i": "3"}, Stands(BY_OTHER, FAILED, "told to fail", {"f": -0.5, "d": 0.5, "i": -3}), SURE, {"d": -0.5, "i": 1})
BEFORE = release_is("passed_on", "0")
three("nobody is sure", "passed_on", {"d": "0.5", "i": "3"}, Fails(FAILED, "other 1: low_confidence"), SURE, {"d": -0.5, "i": 1},
      Stands(BEFORE, FAILED, "told to fail", {"d": 0.5, "i": 3}))
context("passed_on, what the one before does not know", "passed_on", '{"d":0.5,"i":3,"b":true}', Fails(FAILED, "other 1: low_confidence"))
three("a row that the other one lacks", "passed_on", {"i": "3"}, Fails(FAILED, "other 1: missing_field: d"), {"i": "1"}, {"i": 1}, Stands(BEFORE, FAILED, "told to fail", {"i": 3}))
three("many words leave room for what was tried", "passed_on", {"i": "-1"}, Fails(FAILED, "no fallback could answer: model:nobody"), {"i": "1"}, {"i": 1}, Stands(BEFORE, FAILED, "told to fail", {"i": -1}))
tensors("restored, many words leave room for who answered", "restored", body(tensor("i", "INT64", [2], "[1,-1]")),
        [{"i": 1}, Stands(constant_of("restored"), FAILED, "; answered by the constant of restored 1", FIXED)])
tensors("restored, many words leave room for which release answered", "restored", body(tensor("f", "FP32", [2], "[1,1]"), tensor("i", "INT64", [2], "[1,-1]")),
        [{"f": 1, "i": 1}, Stands(release_is("restored", "0"), FAILED, "; answered by restored 0", {"f": -1, "d": -0.25, "i": 1})])
for text, row in [("0.8", {"d": 0.8}), ("0.2", {"d": 0.2}), ("0.79", Remarked("abstained", UNSURE, "got_d is 0.79")), ("0.21", Remarked("abstained", UNSURE, "got_d is 0.79"))]:
    three(f"d is {text}", "abstaining", {"d": text}, row, {"d": "1"}, {"d": 1})
for text, row in [("0.9", {"f": 0.9}), ("0.89", Remarked("prompt", UNSURE, "got_f is 0.89", {"f": 0.89})), ("-1", Remarked("prompt", UNSURE, "got_f is -1", {"f": -1}))]:
    three(f"f is {text}", "prompting", {"f": text}, row, {"f": "1"}, {"f": 1})
CHOSEN = {"f": "[1,0,0]", "d": "[0,0,0]"}
three("the likeliest two", "choosing", {"f": "[0.5,0.25,0.25]", "d": "[0.25,0.5,0.125]"}, Remarked(
    "prompt", UNSURE, "got_f is 0.5", alternatives='{"label":2,"probability":0.5},{"label":"a\\"é","probability":0.25}'), CHOSEN, {"f": [1, 0, 0], "d": [0, 0, 0]})
three("equally likely", "choosing", {"f": "[0,0,0.5]", "d": "[0.125,0.5,0.5]"}, Remarked(
    "prompt", UNSURE, "got_f is 0.5", alternatives='{"label":2,"probability":0.5},{"label":true,"probability":0.5}'), CHOSEN, {"f": [1, 0, 0], "d": [0, 0, 0]})
AT_LAST = {"i": [1, 2, 3], "b": [True] * 3, "s": ["", "é", "x"]}
for text in ["[0.5,0.25,0.25]", "[-1,1,1]", "[1,-1,1]", "[1,1,-1]"]:
    three(f"f is {text}", "rooted", {"f": text}, Stands(constant_of("rooted"), UNSURE, "got_f", AT_LAST), {"f": "[1,0,0]"}, {})
CHEAP = {"d": "1", "s": '"x"'}
for sent, row in [
    ({"d": "0.9", "s": '"y"'}, {"d": 0.9, "s": "y"}), ({"d": "0.75", "s": '"né"'}, Remarked("prompt", UNSURE, "0.25, at most 0.2", {"d": 0.75, "s": "né"})),
    ({"d": "0.5", "s": '"x"'}, Stands(constant_of("costly"), UNSURE, "is 50, at most 10", FIXED)),
    ({"d": "-0.5", "s": '"x"'}, {"d": -0.5, "s": "x"}), ({"d": "0.25", "s": '"other"'}, {"d": 0.25, "s": "other"}),
]:
    three(f"{sent}", "costly", sent, row, CHEAP, {"d": 1, "s": "x"})
three("unsure, and nobody else", "yielding", {"d": "0.25"}, Fails(UNSURE, "got_d is 0.25"), {"d": "0.5"}, {"d": 0.5})
for text, row in [("0.5", {"d": 0.5}), ("1", Stands(release_is("watched", "0"), UNSURE, "risk_d is 1", {"f": -0.5, "d": -1, "i": -7, "b": False})),
                  ("101", Fails(UNSURE, "watched 0: low_confidence: the safeguard"))]:
    three(f"d is {text}", "watched", {"d": text}, row, {"d": "0"}, {"d": 0})

# --- Files ----------------------------------------------------------------------------------------------------------

for file, lines in [("releases.jsonl", [*RELEASES.values(), *PREVIOUS]), ("fallbacks.json", [FALLBACKS]), ("cases.jsonl", CASES)]:
    (HERE / file).write_text("".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines), "utf-8")
print(f"{len(CASES)} cases of {len(RELEASES)} releases")
