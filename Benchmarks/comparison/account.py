"""What a worker's answers must be, and when they were made."""
import json

from comparison.topics import created_milliseconds, number_of

# Of so many answers one is compared with those of the other workers.
SAMPLE_EVERY = 101
TOLERANCE = 1e-6
KEYS = ["id", "status", "model", "version", "worker", "generation", "outputs"]


class Account:
    """Reads the answers of one run."""

    def __init__(self, messages, partitions, echoes):
        self.problems, self.sample = [], {}
        first = last = None
        seen = bytearray(len(partitions))
        latest = {}
        for message in messages:
            value = message.value()
            number = number_of(value)
            partition = message.partition()
            moment = created_milliseconds(message)
            first = moment if first is None else min(first, moment)
            last = moment if last is None else max(last, moment)
            seen[number] = min(seen[number] + 1, 2)
            if message.headers() != [("x-status", b"ok")]:
                self.note(f"r-{number} has the headers {message.headers()}")
            if partition != partitions[number] or message.key() != str(number % 100_000).encode():
                self.note(f"r-{number} has another key or partition than its request")
            if number < latest.get(partition, -1):
                self.note(f"r-{number} is out of order")
            latest[partition] = number
            if number % SAMPLE_EVERY == 0 and not echoes:
                self.remember(number, value)
        if seen.count(0) or seen.count(2):
            self.note(f"{seen.count(0)} requests have no answer, {seen.count(2)} more than one")
        # One answer less than there are: the first one's work lies before its timestamp.
        self.records_per_second = (sum(seen) - 1) / max((last or 1) - (first or 0), 1) * 1000

    def note(self, problem):
        if len(self.problems) < 5:
            self.problems.append(problem)

    def remember(self, number, value):
        answer = json.loads(value)
        if list(answer) != KEYS or list(answer["outputs"]) != ["label", "probabilities"]:
            self.note(f"r-{number} is answered with other fields: {value.decode()}")
        else:
            self.sample[number] = [answer["outputs"]["label"], *answer["outputs"]["probabilities"]]

    def differences(self, other):
        """Where two workers do not say the same."""
        return [
            f"r-{number}: {mine} and {other.sample.get(number)}" for number, mine in self.sample.items()
            if any(abs(a - b) > TOLERANCE for a, b in zip(mine, other.sample.get(number, [float("inf")] * 3)))]
