import Domain
import Foundation
import Testing

@testable import understudy

/// What the embedded broker does not model: isolation, offsets in transactions, fencing. Readers here are `read_committed`, as requesters'
/// should be.
@Suite("Real brokers", .ownThreads, .serialized)
struct RealBrokerTests {
  @Test(
    "P1: killed again and again, also between answer and commit, workers answer each request once and in order",
    .realBroker("P1: exactly once and in order through kill -9, with aborted transactions invisible"))
  func kills() throws {
    let scene = try Scene(partitions: 6)
    let client = scene.client
    try scene.servingWorker().terminate()
    let points: [FailPoint?] = [.produced, nil, .offsetsSent, .committed, nil, .offsetsSent, .produced, nil]
    for point in points {
      let worker = try scene.worker { $0.failPoint = point }
      let next = client.requests.count
      try client.send(next..<next + 2000)
      if point == nil {
        try client.awaitProgress(200)
        try worker.killHard()
      } else {
        #expect(try worker.process.exit() == -SIGKILL)
      }
    }
    let last = try scene.worker()
    try client.awaitAnswers()
    #expect(client.findings().isExactlyOnce, "\(client.findings())")
    #expect(try last.terminate() == 0)
  }

  @Test(
    "P1: a worker that was stopped while others took over its partitions wakes up and doubles nothing",
    .realBroker("P1: exactly once through SIGSTOP and SIGCONT of a worker whose partitions went to another"))
  func zombie() throws {
    let scene = try Scene(partitions: 6)
    let client = scene.client
    let zombie = try scene.servingWorker()
    let other = try scene.worker { $0.slot = "worker-1" }
    try client.wait("the other one serves") { client.status("worker-1")?.routes.isEmpty == false }
    for _ in 0..<3 {
      let next = client.requests.count
      try client.send(next..<next + 3000)
      try client.awaitProgress(100)
      zombie.process.signal(SIGSTOP)
      try client.send(next + 3000..<next + 4000)
      // The session of the zombie and its open transaction run out.
      try client.awaitAnswers()
      zombie.process.signal(SIGCONT)
    }
    let next = client.requests.count
    try client.send(next..<next + 1000)
    try client.awaitAnswers()
    #expect(client.findings().isExactlyOnce, "\(client.findings())")
    #expect(try zombie.terminate() == 0)
    #expect(try other.terminate() == 0)
  }

  @Test(
    "P1: of two processes with one slot and different states, one ends with 75, and each request is answered once",
    .realBroker("P1: a second process with the same slot is fenced and ends with 75"))
  func sameSlot() throws {
    let scene = try Scene(partitions: 3)
    let client = scene.client
    let first = try scene.servingWorker()
    let second = try scene.worker { $0.state = "other" }
    let loser = try waitFor("one of the two ends") {
      let next = client.requests.count
      try client.send(next..<next + 50)
      try client.read()
      return [first, second].first { !$0.process.isRunning }
    }
    #expect(try loser.process.exit() == 75)
    #expect(loser.log.contains("slot"))
    try client.awaitAnswers()
    #expect(client.findings().isExactlyOnce, "\(client.findings())")
    for worker in [first, second] where worker.process.isRunning { #expect(try worker.terminate() == 0) }
  }

  @Test(
    "P1: workers that come, go cleanly and come back answer each request once and in order",
    .realBroker("P1: exactly once through rebalances, restarts and swaps"))
  func rebalances() throws {
    let scene = try Scene(partitions: 6)
    let client = scene.client
    var workers = ["worker-0": try scene.servingWorker()]
    func load() throws {
      let next = client.requests.count
      try client.send(next..<next + 1500)
      try client.awaitProgress(100)
    }
    for (round, slot) in ["worker-1", "worker-0", "worker-2", "worker-1", "worker-0"].enumerated() {
      try load()
      if let running = workers.removeValue(forKey: slot) {
        #expect(try running.terminate() == 0)
      } else {
        workers[slot] = try scene.worker { $0.slot = slot }
      }
      try load()
      if round % 2 == 0 { try client.publish(round % 4 == 0 ? "2.0.0" : "1.0.0") }
    }
    try client.awaitAnswers()
    #expect(client.findings().isExactlyOnce, "\(client.findings())")
    for worker in workers.values { #expect(try worker.terminate() == 0) }
  }
}
