#!/usr/bin/env python3
"""The worker that an expert writes by hand in Python: confluent-kafka, orjson, numpy and ONNX Runtime, exactly once, one thread.

    worker.py BOOTSTRAP REQUESTS RESPONSES COUNT MODEL [BATCH]

It answers contexts of the numbers f0 to f29 in Understudy's format. What is not one is answered with an error. Any failure of the broker ends the
process: its transaction is aborted, and who starts it again goes on from the last one that was committed.
"""
import itertools
import operator
import os
import sys
import time

import numpy as np
import onnxruntime
import orjson
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

NAMES = [f"f{index}" for index in range(30)]
ORIGIN = {"model": "benchmark", "version": "1", "worker": "python", "generation": 1}
BATCH_RECORDS, LINGER_SECONDS, COMMIT_SECONDS = 1024, 0.005, 0.1
OK, ERROR = [("x-status", b"ok")], [("x-status", b"error")]

numbers = operator.itemgetter(*NAMES)


def matrix_of(contexts):
    """Their numbers as rows. A null, which numpy takes for a number, is none here."""
    values = itertools.chain.from_iterable(map(numbers, contexts))
    matrix = np.fromiter(values, np.float32, len(NAMES) * len(contexts)).reshape(-1, len(NAMES))
    if not np.isfinite(matrix).all():
        raise ValueError("expected a number in each of f0 to f29")
    return matrix


class Worker:
    def __init__(self, bootstrap, requests, responses, model, batch_records):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.requests, self.responses, self.batch_records = requests, responses, batch_records
        name = f"benchmark-python-{os.getpid()}-{int(time.time())}"
        self.producer = Producer({
            "bootstrap.servers": bootstrap, "transactional.id": name, "linger.ms": 5, "retry.backoff.ms": 20,
            "queue.buffering.max.messages": 1000000, "queue.buffering.max.kbytes": 262144, "batch.num.messages": 10000,
            "batch.size": 1000000, "socket.nagle.disable": True})
        self.producer.init_transactions()
        self.partition_count = len(self.producer.list_topics(responses).topics[responses].partitions)
        self.consumer = Consumer({
            "bootstrap.servers": bootstrap, "group.id": name, "auto.offset.reset": "earliest", "enable.auto.commit": False,
            "enable.auto.offset.store": False, "isolation.level": "read_committed", "partition.assignment.strategy": "range",
            "queued.min.messages": 200000, "queued.max.messages.kbytes": 262144, "fetch.message.max.bytes": 4194304,
            "fetch.wait.max.ms": 100, "socket.nagle.disable": True})
        self.consumer.subscribe([requests], on_revoke=self.revoked, on_lost=self.lost)
        self.next_offsets, self.is_open, self.committed = {}, False, 0.0

    def run(self, count):
        done = 0
        while done < count:
            messages = self.consumer.consume(self.batch_records, LINGER_SECONDS)
            if any(message.error() for message in messages):
                messages = [message for message in messages if not message.error()]
            if messages:
                self.answer(messages)
                done += len(messages)
            if self.is_open and (not messages or done >= count or time.monotonic() - self.committed >= COMMIT_SECONDS):
                self.commit()
        self.consumer.close()

    def answer(self, messages):
        try:
            contexts = [orjson.loads(message.value()) for message in messages]
            matrix = matrix_of(contexts)
        except (TypeError, ValueError, KeyError):
            return self.answer_singly(messages)
        labels, probabilities = self.session.run(["label", "probabilities"], {"X": matrix})
        self.begin()
        produce, dumps, count, topic, next_offsets = (
            self.produce, orjson.dumps, self.partition_count, self.responses, self.next_offsets)
        # orjson writes the shortest text of an FP32 if numpy says that it is one; .tolist() would widen it to FP64 first.
        texts = dumps(probabilities, option=orjson.OPT_SERIALIZE_NUMPY)[2:-2].split(b"],[")
        for message, context, label, text in zip(messages, contexts, labels.tolist(), texts):
            partition = message.partition()
            identifier = context.get("id")
            value = b'{"id":%b,"status":"ok","model":"benchmark","version":"1","worker":"python","generation":1,"outputs":{"label":%d,"probabilities":[%b]}}' % (
                dumps(self.identifier(message) if identifier is None else identifier), label, text)
            produce(topic, value, message.key(), partition % count, headers=OK)
            next_offsets[partition] = message.offset() + 1
        self.producer.poll(0)

    def answer_singly(self, messages):
        """What is wrong with one must not touch the others."""
        for message in messages:
            try:
                matrix_of([orjson.loads(message.value())])
            except (TypeError, ValueError, KeyError) as error:
                self.begin()
                answer = {"id": self.identifier(message), "status": "error", **ORIGIN, "error": {
                    "code": "INVALID_ARGUMENT", "reason": "schema_mismatch", "message": str(error), "retryable": False}}
                self.produce(self.responses, orjson.dumps(answer), message.key(), message.partition() % self.partition_count, headers=ERROR)
                self.next_offsets[message.partition()] = message.offset() + 1
            else:
                self.answer([message])

    def identifier(self, message):
        return f"{message.topic()}-{message.partition()}-{message.offset()}"

    def produce(self, *arguments, **options):
        while True:
            try:
                return self.producer.produce(*arguments, **options)
            except BufferError:
                self.producer.poll(0.005)

    def begin(self):
        if not self.is_open:
            self.producer.begin_transaction()
            self.is_open = True

    def commit(self):
        offsets = [TopicPartition(self.requests, partition, offset) for partition, offset in self.next_offsets.items()]
        self.producer.send_offsets_to_transaction(offsets, self.consumer.consumer_group_metadata())
        self.producer.commit_transaction()
        self.is_open, self.committed = False, time.monotonic()

    def revoked(self, consumer, partitions):
        """Partitions change hands between transactions."""
        if self.is_open:
            self.commit()
        self.next_offsets.clear()

    def lost(self, consumer, partitions):
        sys.exit("worker: another one has taken the partitions")


def main():
    if len(sys.argv) not in (6, 7):
        sys.exit(__doc__)
    bootstrap, requests, responses, count, model = sys.argv[1:6]
    batch_records = int(sys.argv[6]) if len(sys.argv) == 7 else BATCH_RECORDS
    try:
        Worker(bootstrap, requests, responses, model, batch_records).run(int(count))
    except KafkaException as error:
        sys.exit(f"worker: {error}")


if __name__ == "__main__":
    main()
