"""The table, for the terminal and for documents."""
import sys

from comparison.preparation import ROOT

BEGIN, END = "<!-- comparison: written by Benchmarks/compare --update-readme -->", "<!-- end of comparison -->"
DOCUMENTS = [ROOT / "README.md", ROOT / "docs" / "speed.md"]
NAMES = {
    "ceiling": "ceiling: requests sent back unread, C++",
    "c++": "C++ by hand: librdkafka, simdjson, ONNX Runtime",
    "understudy": "**Understudy**",
    "python": "Python by hand: confluent-kafka, orjson, ONNX Runtime",
}


def table(result):
    """Markdown that reads well as it is."""
    rows = [["worker", "records/s", "from – to", "Understudy to it", "from – to"]]
    for worker, name in NAMES.items():
        low, high = result["ranges"][worker]
        row = [name, thousands(result["medians"][worker]), f"{thousands(low)} – {thousands(high)}", "", ""]
        if worker in result["ratios"]:
            row[3:] = [f"{result['ratios'][worker]:.2f}", "{:.2f} – {:.2f}".format(*result["ratio_ranges"][worker])]
        rows.append(row)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|-" + "-|-".join("-" * width for width in widths) + "-|")
    machine = result["machine"]
    broker = "the embedded broker" if result["broker"] == "embedded" else "a Kafka of its own"
    return "\n".join(lines) + (
        f"\n\nMedians of {len(result['rounds'])} rounds of {result['records']:,} records, {broker}, "
        f"{machine['processors']} cores ({machine['architecture']}) that broker and worker share.")


def thousands(number):
    return f"{number:,}"


def update_documents(result):
    for path in DOCUMENTS:
        text = path.read_text()
        if text.count(BEGIN) != 1 or text.count(END) != 1:
            sys.exit(f"compare: {path.relative_to(ROOT)}: expected one line '{BEGIN}' and one line '{END}'")
        before, rest = text.split(BEGIN)
        path.write_text(f"{before}{BEGIN}\n{table(result)}\n{END}{rest.split(END)[1]}")
