#!/usr/bin/env python3
"""Publishes a release in plain Python: python3 publish.py releases/breast-cancer-1.0.0.tar --bootstrap 127.0.0.1:9092"""
import argparse, hashlib, json, tarfile, uuid
from confluent_kafka import Producer

parser = argparse.ArgumentParser(description="Publishes a release and asks for its activation.")
parser.add_argument("archive")
parser.add_argument("--bootstrap", default="127.0.0.1:9092")
parser.add_argument("--releases-topic", default="understudy.releases")
parser.add_argument("--control-topic", default="understudy.control")
options = parser.parse_args()

archive = open(options.archive, "rb").read()
manifest_bytes = tarfile.open(options.archive).extractfile("manifest.json").read()
archive_sha256, manifest = hashlib.sha256(archive).hexdigest(), json.loads(manifest_bytes)
producer, offsets, failures = Producer({"bootstrap.servers": options.bootstrap, "enable.idempotence": True}), [], []


def send(topic, key, value, headers=None):
    delivered = lambda error, message: failures.append(error) if error else offsets.append(message.offset())
    producer.produce(topic, value, key, 0, on_delivery=delivered, headers=headers)  # 0 is the partition.


for number, start in enumerate(range(0, len(archive), 900_000)):
    send(options.releases_topic, f"{archive_sha256}:{number}", archive[start:start + 900_000])
    producer.flush()  # One at a time, so that a large release does not fill the queue.
if failures: raise SystemExit(f"not published: {failures[0]}")
release = {
    "digest": "sha256:" + hashlib.sha256(manifest_bytes).hexdigest(), "archive_sha256": "sha256:" + archive_sha256, "size": len(archive),
    "uri": f"kafka:{options.releases_topic}/0/{offsets[0]}-{offsets[-1]}"}
command = {"model": manifest["name"], "version": manifest["version"], "release": release, "activate": "auto"}
headers = {"content-type": "application/json", "ce_specversion": "1.0", "ce_id": str(uuid.uuid4()),
           "ce_source": "breast-cancer/publish.py", "ce_type": "io.understudy.model.ready.v1"}
send(options.control_topic, command["model"], json.dumps(command), headers)
producer.flush()
print(f"not announced: {failures[0]}" if failures else json.dumps(command, indent=1))
raise SystemExit(bool(failures))
