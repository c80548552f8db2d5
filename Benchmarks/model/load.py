#!/usr/bin/env python3
"""Prints requests for the benchmarks' release as JSON lines, about 440 bytes each: python3 requests.py 8192 > requests.jsonl

The same count gives the same lines, and so do the first lines of any larger count.
"""
import random
import sys

WIDTH, SEED = 30, 1
DISTINCT_ROWS = 2000
DISTINCT_KEYS = 100_000


def bodies():
    """What stands behind the id, for each of the distinct rows."""
    generator = random.Random(SEED)
    return [
        ",".join(f'"f{index}":{generator.gauss(0, 1):.4f}' for index in range(WIDTH)) + "}" for _ in range(DISTINCT_ROWS)]


def requests(count):
    """Pairs of key and value."""
    rows = bodies()
    for number in range(count):
        yield str(number % DISTINCT_KEYS), '{"id":"r-%d",%s' % (number, rows[number % DISTINCT_ROWS])


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        sys.exit(__doc__)
    for _, value in requests(int(sys.argv[1])):
        print(value)
