"""Runs the workers in turns over one requests topic."""
import collections
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from comparison.account import Account
from comparison.preparation import CPP_WORKER, PYTHON, PYTHON_WORKER, RELEASE, UNDERSTUDY, say
from comparison.topics import PATIENCE_SECONDS, Topics

OURS, CEILING = "understudy", "ceiling"
WORKERS = [CEILING, "c++", OURS, "python"]
# How long a topic does not grow before nothing more is expected.
QUIET_SECONDS = 1.5


def command(worker, run, topics, options):
    model = RELEASE / "model.onnx"
    responses = topics.responses[run]
    if worker == OURS:
        state = topics.directory / f"state-{run[0]}"
        settings = {
            "kafka.bootstrap.servers": topics.bootstrap, "topics": topics.file(run), "state": state, "models.default": "benchmark",
            "group": f"{topics.prefix}-{run[0]}", "slot": "worker-0", "lanes": 1, "http.bind": "127.0.0.1:0"}
        return [UNDERSTUDY, "run", *(part for key, value in settings.items() for part in ("--set", f"{key}={value}"))]
    program = [PYTHON, PYTHON_WORKER] if worker == "python" else [CPP_WORKER]
    scored = "-" if worker == CEILING else model
    return [*program, topics.bootstrap, topics.requests, responses, options.records, scored, options.batch]


def run_worker(worker, number, topics, expected, options):
    """Runs one worker until it has answered everything; returns its account."""
    run = (number, worker)
    topic = topics.open(run)
    log = topics.directory / f"{number}-{worker}.log"
    with open(log, "w") as output:
        process = subprocess.Popen(
            [str(part) for part in command(worker, run, topics, options)], stdout=output, stderr=subprocess.STDOUT)
        try:
            await_answers(process, topic, topics, expected, ends_by_itself=worker != OURS)
        except TimeoutError as error:
            sys.exit(f"compare: {worker}: {error}\n" + "".join(open(log).readlines()[-20:]))
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(30)
    return topic


def await_answers(process, topic, topics, expected, ends_by_itself):
    """Returns when there are as many answers as requests, and the worker has ended or rests."""
    progress, changed = (0, 0), time.monotonic()
    while True:
        time.sleep(0.5)
        now, found = time.monotonic(), topics.progress(topic, expected)
        if found != progress:
            progress, changed = found, now
        code = process.poll()
        if code == 0 and ends_by_itself:
            return
        if code is not None:
            raise TimeoutError(f"ended with status {code}, {progress[0]} partitions of {topics.partitions} complete")
        # The markers of transactions count in ends as well, so that enough is not yet all.
        if not ends_by_itself and progress[0] == topics.partitions and now - changed > QUIET_SECONDS:
            return
        if now - changed > PATIENCE_SECONDS:
            raise TimeoutError(f"{progress[0]} partitions of {topics.partitions} complete, and no progress for {PATIENCE_SECONDS} s")


def run_round(number, topics, partitions, options):
    """Each worker once; returns its order and records a second by worker."""
    order = WORKERS[number % len(WORKERS):] + WORKERS[:number % len(WORKERS)]
    expected, accounts = collections.Counter(partitions), {}
    for worker in order:
        topic = run_worker(worker, number, topics, expected, options)
        account = accounts[worker] = Account(topics.read(topic), partitions, echoes=worker == CEILING)
        topics.close((number, worker))
        say(f"round {number + 1}: {worker:10} {account.records_per_second:8.0f} records/s")
        if account.problems:
            sys.exit(f"compare: {worker} did not answer as it must:\n  " + "\n  ".join(account.problems))
    for worker in ("c++", "python"):
        differences = accounts[OURS].differences(accounts[worker])
        if differences:
            sys.exit(f"compare: {OURS} and {worker} answer differently, among others:\n  " + "\n  ".join(differences[:5]))
    return {"order": order, "records_per_second": {worker: round(accounts[worker].records_per_second) for worker in WORKERS}}


def compare(options):
    with tempfile.TemporaryDirectory(prefix="understudy-benchmark-") as directory:
        topics = Topics(options, WORKERS, pathlib.Path(directory))
        try:
            partitions = topics.fill(options.records)
            topics.publish(topics.responses[(0, OURS)])
            say(f"{options.records} requests in {topics.partitions} partitions at {topics.bootstrap}")
            rounds = [run_round(number, topics, partitions, options) for number in range(options.rounds)]
        finally:
            topics.end()
    return summary(rounds, topics, options)


def summary(rounds, topics, options):
    rates = {worker: [each["records_per_second"][worker] for each in rounds] for worker in WORKERS}
    ratios = {
        worker: [ours / theirs for ours, theirs in zip(rates[OURS], rates[worker])] for worker in WORKERS if worker != OURS}
    return {
        "ratios": {worker: round(statistics.median(values), 3) for worker, values in ratios.items()},
        "ratio_ranges": {worker: [round(min(values), 3), round(max(values), 3)] for worker, values in ratios.items()},
        "medians": {worker: round(statistics.median(values)) for worker, values in rates.items()},
        "ranges": {worker: [min(values), max(values)] for worker, values in rates.items()},
        "rounds": rounds, "records": options.records, "partitions": topics.partitions, "batch": options.batch,
        "broker": "named" if options.bootstrap else "embedded",
        "machine": {"processors": os.cpu_count(), "architecture": platform.machine()},
    }
