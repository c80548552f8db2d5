"""Counts instructions with valgrind's callgrind, by shared object."""
import collections
import pathlib
import re
import subprocess
import sys

ENGINE = "libonnxruntime"
CLIENT = "librdkafka"
ALLOCATORS = re.compile(r"(malloc|calloc|realloc|memalign|posix_memalign|aligned_alloc|operator new.*?)(@.*|'\d+)?$")
# Whose allocations are not ours: the engine's, the client's, and what libraries do on their behalf, which is counted where they are called.
NOT_OURS = (ENGINE, CLIENT, "libstdc++", "libc.", "ld-linux")

# A number of a cost line is a line, a difference to the last one, or a repetition of it.
COST_LINE = re.compile(r"[0-9+*-]")
NAME = re.compile(r"\((\d+)\)(?: (.*))?$")


def count(command, directory, name, preload=""):
    """Runs a command under callgrind, with a library loaded before it; returns the file of its counts."""
    output = pathlib.Path(directory) / name
    result = subprocess.run(
        ["env", f"LD_PRELOAD={preload}", "valgrind", "--tool=callgrind", f"--callgrind-out-file={output}", *(str(part) for part in command)],
        capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"instructions: failed under valgrind: {' '.join(str(part) for part in command)}\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
    return output


class Profile:
    """Instructions of one run: `objects` and `functions` by whose code they are, `engine` and `client` what calls into these two took altogether, with
    what they call in turn, and `allocations` how often anybody else asked for memory."""

    def __init__(self, path):
        self.objects, self.functions = collections.Counter(), collections.Counter()
        self.engine = self.client = self.allocations = 0
        # Objects and functions are numbered, and named where a number is first used.
        objects, functions, here, function, called, callee, is_call = {}, {}, "", "", None, "", False
        with open(path) as lines:
            for line in lines:
                if COST_LINE.match(line):
                    cost = int(line.split()[1]) if " " in line.strip() else 0
                    if is_call:
                        self.enter(here, called or here, cost)
                        called, is_call = None, False
                    else:
                        self.objects[short(here)] += cost
                        self.functions[short(here), function] += cost
                elif line.startswith("ob="):
                    here = self.name(objects, line[3:])
                elif line.startswith("fn="):
                    function = self.name(functions, line[3:])
                elif line.startswith("cob="):
                    called = self.name(objects, line[4:])
                elif line.startswith("cfn="):
                    callee = self.name(functions, line[4:])
                elif line.startswith("calls="):
                    if ALLOCATORS.match(callee) and not short(here).startswith(NOT_OURS):
                        self.allocations += int(line[6:].split()[0])
                    is_call = True  # the line behind it tells the costs of the call as a whole

    @staticmethod
    def name(names, text):
        match = NAME.match(text.rstrip())
        if match is None:
            return text.rstrip()
        if match[2] is not None:
            names[match[1]] = match[2]
        return names.get(match[1], "?")

    def enter(self, caller, called, cost):
        inside = (ENGINE, CLIENT)
        if short(caller).startswith(inside):
            return
        if short(called).startswith(ENGINE):
            self.engine += cost
        elif short(called).startswith(CLIENT):
            self.client += cost

    @property
    def total(self):
        return self.objects.total()


def short(path):
    """libonnxruntime.so of /usr/local/lib/libonnxruntime.so.1.21.1."""
    return re.sub(r"\.so[.0-9]*$", ".so", path.rsplit("/", 1)[-1])


def per_record(less, more, records):
    """Instructions of a record: start and end of the program cancel out between two runs, of which one has more records."""
    def difference(counts):
        """What costs something, the most first."""
        costs = {name: round((count - getattr(less, counts)[name]) / records) for name, count in getattr(more, counts).items()}
        return dict(sorted(((name, cost) for name, cost in costs.items() if cost > 0), key=lambda item: -item[1]))

    engine, client, total = ((getattr(more, part) - getattr(less, part)) / records for part in ("engine", "client", "total"))
    return {
        "total": round(total), "own": round(total - engine - client),
        "allocations": round((more.allocations - less.allocations) / records, 3), "engine": round(engine), "client": round(client),
        "objects": difference("objects"), "functions": [[cost, *name] for name, cost in difference("functions").items()],
        "fixed": round(less.total - total * records)}
