"""Installs and builds what the comparison needs."""
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / ".build" / "benchmarks"
ENVIRONMENT = BUILD / "python"
PYTHON = ENVIRONMENT / "bin" / "python"
UNDERSTUDY = ROOT / ".build" / "release" / "understudy"
CPP_SOURCE = ROOT / "Benchmarks" / "workers" / "cpp" / "worker.cpp"
CPP_WORKER = BUILD / "worker"
PYTHON_WORKER = ROOT / "Benchmarks" / "workers" / "python" / "worker.py"
REQUIREMENTS = PYTHON_WORKER.parent / "requirements.txt"
RELEASE = ROOT / "Benchmarks" / "model" / "release"

# Generic x86-64 or arm64, as Understudy is built: simdjson and ONNX Runtime choose what the processor can at run time.
CPP_OPTIONS = ["-O3", "-DNDEBUG", "-std=c++17"]


def say(text):
    print(f"compare: {text}", file=sys.stderr, flush=True)


def is_inside_environment():
    return pathlib.Path(sys.prefix) == ENVIRONMENT


def run(*command):
    """Runs a command whose output is for people; its failure is the end."""
    result = subprocess.run([str(part) for part in command], cwd=ROOT, stdout=sys.stderr)
    if result.returncode != 0:
        sys.exit(f"compare: failed: {shlex.join(str(part) for part in command)}")


def prepare():
    run(ROOT / "scripts" / "setup")
    build_cpp_worker()
    prepare_python()
    build_understudy()


def build_cpp_worker():
    if CPP_WORKER.exists() and CPP_WORKER.stat().st_mtime > CPP_SOURCE.stat().st_mtime:
        return
    say("compiling the C++ worker")
    BUILD.mkdir(parents=True, exist_ok=True)
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "rdkafka", "simdjson", "libonnxruntime"], check=True, capture_output=True, text=True)
    run("g++", *CPP_OPTIONS, CPP_SOURCE, "-o", CPP_WORKER, *shlex.split(flags.stdout))


def prepare_python():
    """A virtual environment with exactly the files that requirements.txt names."""
    marker = ENVIRONMENT / "requirements.txt"
    if marker.exists() and marker.read_bytes() == REQUIREMENTS.read_bytes():
        return
    say("installing the Python worker's packages into .build/benchmarks/python")
    result = subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], stdout=subprocess.DEVNULL)
    if result.returncode != 0:
        sys.exit("compare: python3 cannot make virtual environments: on Debian, apt-get install python3-venv")
    run(PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", REQUIREMENTS)
    marker.write_bytes(REQUIREMENTS.read_bytes())


def build_understudy():
    if not UNDERSTUDY.exists():
        say("building Understudy; the first build takes some minutes")
    run("swift", "build", "--configuration", "release", "--product", "understudy")
