"""Installs and builds what the comparison needs."""
import os
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
    print(f"benchmarks: {text}", file=sys.stderr, flush=True)


def is_inside_environment():
    return pathlib.Path(sys.prefix) == ENVIRONMENT


def run(*command):
    """Runs a command whose output is for people; its failure is the end."""
    result = subprocess.run([str(part) for part in command], cwd=ROOT, stdout=sys.stderr)
    if result.returncode != 0:
        sys.exit(f"benchmarks: failed: {shlex.join(str(part) for part in command)}")


def prepare_native():
    """The C++ worker and Understudy."""
    run(ROOT / "scripts" / "setup")
    build_cpp_worker()
    build_understudy()


def prepare():
    """What the comparison on a broker needs as well: the Python worker."""
    prepare_native()
    prepare_python()


def build_cpp_worker():
    if CPP_WORKER.exists() and CPP_WORKER.stat().st_mtime > CPP_SOURCE.stat().st_mtime:
        return
    say("compiling the C++ worker")
    BUILD.mkdir(parents=True, exist_ok=True)
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "rdkafka", "simdjson", "libonnxruntime"], check=True, capture_output=True, text=True)
    run("g++", *CPP_OPTIONS, CPP_SOURCE, "-o", CPP_WORKER, *shlex.split(flags.stdout))


def build_sigsuspend():
    """What a Swift program needs under valgrind; returns the library."""
    source, library = ROOT / "Benchmarks" / "comparison" / "sigsuspend.cpp", BUILD / "sigsuspend.so"
    if not library.exists() or library.stat().st_mtime < source.stat().st_mtime:
        run("g++", "-O2", "-shared", "-fPIC", source, "-o", library)
    return library


def prepare_python():
    """A virtual environment with exactly the files that requirements.txt names."""
    marker = ENVIRONMENT / "requirements.txt"
    if marker.exists() and marker.read_bytes() == REQUIREMENTS.read_bytes():
        return
    say("installing the Python worker's packages into .build/benchmarks/python")
    make = [sys.executable, "-m", "venv", "--clear", ENVIRONMENT]
    if subprocess.run(make, capture_output=True).returncode != 0:
        # Debian's Python is without.
        run(*([] if os.geteuid() == 0 else ["sudo"]), "apt-get", "install", "-q", "-y", "--no-install-recommends", "python3-venv")
        run(*make)
    run(PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", REQUIREMENTS)
    marker.write_bytes(REQUIREMENTS.read_bytes())


def build_understudy():
    if not UNDERSTUDY.exists():
        say("building Understudy; the first build takes some minutes")
    run("swift", "build", "--configuration", "release", "--product", "understudy")
