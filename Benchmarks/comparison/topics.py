"""The topics of one comparison: made, filled, read and deleted."""
import math
import shutil
import subprocess
import sys
import time

from confluent_kafka import TIMESTAMP_CREATE_TIME, Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from comparison.preparation import RELEASE, ROOT, UNDERSTUDY

sys.path.insert(0, str(ROOT / "Benchmarks" / "model"))
import load  # noqa: E402: needs the path

# Of the embedded broker: what it keeps of a partition, and what a record takes of it at most, with room for uneven keys.
PARTITION_BYTES, RECORD_BYTES = 5 << 20, 700
# Of whatever is waited for.
PATIENCE_SECONDS = 120


def partitions_for(options):
    if options.partitions or options.bootstrap:
        return options.partitions or 6
    return max(64, math.ceil(options.records * RECORD_BYTES / PARTITION_BYTES))


class Topics:
    """One requests topic, filled once, and responses of their own for each run; the other roles are shared."""

    def __init__(self, options, workers, directory):
        self.directory, self.partitions = directory, partitions_for(options)
        self.prefix = f"understudy-benchmark-{int(time.time())}"
        self.requests = f"{self.prefix}.requests"
        self.responses = {
            (number, worker): f"{self.prefix}.responses.{number}.{worker.replace('+', 'p')}"
            for number in range(options.rounds) for worker in workers}
        self.others = {
            role: f"{self.prefix}.{role}" for role in ("dead-letters", "control", "events", "status", "releases")}
        self.broker = self.admin = self.watcher = None
        self.bootstrap = options.bootstrap or self.start_broker()
        self.admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 2})
        self.watcher = Consumer({
            "bootstrap.servers": self.bootstrap, "group.id": f"{self.prefix}.watcher", "isolation.level": "read_committed",
            "log_level": 2})
        if options.bootstrap:
            self.create([self.requests], self.partitions)
            self.create(self.others.values(), 1)

    # The embedded broker takes a topics file and makes its topics before anyone connects; roles mean nothing to it.
    def start_broker(self):
        file = self.directory / "broker.yaml"
        extra = [f"  - {{role: requests, name: {name}, partitions: {self.partitions}}}" for name in self.responses.values()]
        file.write_text(self.text(f"{self.prefix}.responses") + "\n".join(extra) + "\n")
        self.broker = subprocess.Popen(
            [UNDERSTUDY, "broker", "--topics", file], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.broker.stdout.readline()
        if "=" not in line:
            sys.exit("compare: the embedded broker did not start; try: .build/release/understudy broker")
        return line.strip().split("=", 1)[1]

    def text(self, responses):
        """A topics file for Understudy."""
        entries = {"requests": self.requests, "responses": responses, **self.others}
        lines = ["version: 1", "topics:"]
        for role, name in entries.items():
            count = self.partitions if role in ("requests", "responses") else 1
            lines.append(f"  - {{role: {role}, name: {name}, partitions: {count}}}")
        return "\n".join(lines) + "\n"

    def file(self, run):
        path = self.directory / f"topics-{run[0]}-{run[1]}.yaml"
        path.write_text(self.text(self.responses[run]))
        return path

    def create(self, names, partitions):
        """Returns when the topics can be used: a broker knows them some time after it has said that it made them."""
        for name, future in self.admin.create_topics([NewTopic(name, partitions) for name in names]).items():
            future.result()
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not self.has_leaders(name):
                if time.monotonic() > deadline:
                    sys.exit(f"compare: {name} was created, and has no leaders after {PATIENCE_SECONDS} s")
                time.sleep(0.1)

    def has_leaders(self, name):
        metadata = self.admin.list_topics(name, timeout=10).topics[name]
        return bool(metadata.partitions) and all(partition.leader >= 0 for partition in metadata.partitions.values())

    def open(self, run):
        """Makes the responses topic of a run, and returns its name."""
        name = self.responses[run]
        if not self.broker:
            self.create([name], self.partitions)
        return name

    def close(self, run):
        """Deletes the responses of a run."""
        self.delete([self.responses[run]])

    def delete(self, names):
        if not self.broker:
            for future in self.admin.delete_topics(list(names)).values():
                try:
                    future.result()
                except Exception:
                    pass  # is not there

    def end(self):
        if self.watcher is not None:
            self.watcher.close()
        if self.broker:
            self.broker.terminate()
            self.broker.wait()
        elif self.admin is not None:  # which is false as long as nothing is queued
            self.delete([self.requests, *self.others.values(), *self.responses.values()])

    def fill(self, count):
        """Writes the requests; returns the partition of each."""
        partitions = [-1] * count
        producer = Producer({
            "bootstrap.servers": self.bootstrap, "linger.ms": 20, "batch.num.messages": 10000, "batch.size": 500000,
            "queue.buffering.max.messages": 1000000, "enable.idempotence": True})

        def delivered(error, message):
            if error:
                sys.exit(f"compare: a request was not delivered: {error}")
            partitions[number_of(message.value())] = message.partition()

        for key, value in load.requests(count):
            while True:
                try:
                    producer.produce(self.requests, key=key, value=value, on_delivery=delivered)
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        producer.flush()
        return partitions

    def publish(self, responses):
        """Announces the release; workers read the command when they start."""
        file, release = self.directory / "publish.yaml", self.directory / "release"
        file.write_text(self.text(responses))
        shutil.copytree(RELEASE, release)  # its archive is written beside it
        command = [UNDERSTUDY, "publish", release, "--bootstrap", self.bootstrap, "--topics", file]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"compare: the release could not be published: {result.stderr}")

    def progress(self, topic, expected):
        """How many partitions have as many records as they are to get, in order, and the end of the next: grows until all is there.

        Asks for one partition until that is complete, so that watching costs next to nothing: the embedded broker tells one end at a time.
        """
        total = 0
        for partition in range(self.partitions):
            _, end = self.watcher.get_watermark_offsets(TopicPartition(topic, partition), timeout=10, cached=False)
            if end < expected[partition]:
                return partition, end
            total += end
        return self.partitions, total

    def read(self, topic):
        """All records of a topic, as a read_committed reader sees them."""
        consumer = Consumer({
            "bootstrap.servers": self.bootstrap, "group.id": f"{self.prefix}.reader", "enable.auto.commit": False,
            "isolation.level": "read_committed", "enable.partition.eof": True, "fetch.wait.max.ms": 20})
        consumer.assign([TopicPartition(topic, partition, 0) for partition in range(self.partitions)])
        open_partitions, deadline = set(range(self.partitions)), time.monotonic() + PATIENCE_SECONDS
        while open_partitions:
            for message in consumer.consume(10000, 0.1):
                if not message.error():
                    yield message
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    open_partitions.discard(message.partition())
            if time.monotonic() > deadline:
                sys.exit(f"compare: {topic} could not be read to its end in {PATIENCE_SECONDS} s")
        consumer.close()


def number_of(value):
    """The number of a request, from its own bytes or its answer's: both begin with {"id":"r-7"."""
    return int(value[9:value.index(b'"', 9)])


def created_milliseconds(message):
    kind, milliseconds = message.timestamp()
    if kind != TIMESTAMP_CREATE_TIME:
        sys.exit("compare: the broker stamps records itself: set message.timestamp.type=CreateTime, its default")
    return milliseconds
