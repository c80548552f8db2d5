import Foundation
import Kafka
import Testing

@testable import understudy

/// A worker whose answers find no broker.
@Suite("Backpressure", .ownThreads)
struct BackpressureTests {
  /// Bytes that a worker may take on while its answers wait: the requests of a turn with their answers, and what its
  /// consumer has fetched ahead, a few times over for what allocators keep. All that waits here is some 8 MB.
  private static let allowedBytes = 64 << 20

  @Test("P1 P8: while the broker of the answers is away a worker's memory is bounded, and it goes on when that is back")
  func absentOutput() throws {
    let scene = try Scene(brokers: 2)
    let broker = try TestClient.some(scene.broker.embedded, "embedded broker")
    for partition in Int32(0)..<3 {
      broker.setLeader(scene.broker.topics.requests[0].name, partition, broker: 1)
      broker.setLeader(scene.broker.topics.responses, partition, broker: 2)
    }
    broker.setCoordinator(.group(scene.broker.name), broker: 1)
    // What the embedded broker forgets of transactions would end a worker that has to ask for it.
    let worker = try scene.servingWorker {
      $0.delivery = "at_least_once"
      // Nobody dies here: a group that is short of time for a while must not count as one that was left.
      $0.kafka["session.timeout.ms"] = "60000"
    }
    let next = scene.client.requests.count
    try scene.client.send(next..<next + 300)
    try scene.client.awaitAnswers()

    let before = try ProcessFigures(of: worker.process.identifier).residentBytes
    broker.setDown(true, broker: 2)
    // Longer than records wait for a broker and than a turn waits for them.
    let back = ContinuousClock.now + .seconds(isLongRun ? 60 : 18)
    var most = before
    for round in 0..<30 {
      try scene.client.send(next + 300 + round * 300..<next + 600 + round * 300)
      most = max(most, try ProcessFigures(of: worker.process.identifier).residentBytes)
    }
    try waitUntil("the broker may come back") {
      most = max(most, try ProcessFigures(of: worker.process.identifier).residentBytes)
      return ContinuousClock.now >= back
    }
    #expect(most < before + Self.allowedBytes, "\(before) \(most)")
    print("memory while answers waited: \(before >> 20) MiB before, \(most >> 20) MiB at most")
    broker.setDown(false, broker: 2)
    try scene.client.awaitAnswers()
    let findings = scene.client.findings()
    #expect(findings.isAtLeastOnce && findings.reordered.isEmpty, "\(findings)")
    let hasLeft = worker.log.contains("partitions given up")
    #expect(!hasLeft, "\(worker.log.suffix(3000))")
    #expect(try worker.terminate() == 0)
  }
}
