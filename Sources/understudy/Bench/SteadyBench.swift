import Domain
import Foundation
import Kafka

/// A steady load, and the switches of releases under it.
final class SteadyBench: Sendable {
  private let bench: BrokerBench
  private let scene: BenchScene
  private let perSecond: Int
  private let seconds: Double
  private let room: EmbeddedRoom
  private let sender: SteadySender
  private let watch: ResponseWatch

  /// Seconds between two looks at how things go.
  private static let lookSeconds = 0.1

  init(_ bench: BrokerBench, _ scene: BenchScene, perSecond: Int, seconds: Double, room: EmbeddedRoom) throws {
    self.bench = bench
    self.scene = scene
    self.perSecond = perSecond
    self.seconds = seconds
    self.room = room
    let requests = bench.releases.requests
    let partitions = scene.partitions
    sender = SteadySender(by: try scene.producer(lingerMilliseconds: 0), clock: bench.clock) {
      requests.request($0, partitions: partitions)
    }
    watch = ResponseWatch(requests, clock: bench.clock) { try scene.responses() }
  }

  func run() async throws -> BenchResult {
    let (sender, watch) = (sender, watch)
    let company = AccompaniedWorker(
      worker: scene.worker,
      parts: [
        .init(name: "sender", run: { try sender.run() }, stop: { sender.stop() }),
        .init(name: "reader", run: { try watch.run() }, stop: { watch.stop() }),
      ])
    return try await bench.play(company) { [self] in try acts() }
  }

  private func acts() throws -> BenchResult {
    try bench.publishReleases(scene)
    bench.say("waiting for the first answers")
    try bench.wait("the first request is answered", { watch.answered }, until: bench.releases.releases.count) {
      Thread.sleep(forTimeInterval: Self.lookSeconds)
    }
    bench.say("\(perSecond) requests a second: warming up for \(Int(bench.plan.warmUpSeconds)) s")
    guard let loop = sender.begin(perSecond: perSecond, lateFrom: bench.plan.warmUpSeconds) else {
      throw CommandFailure.failed("the sender of the load has ended")
    }
    let from = loop.start + Int64(bench.plan.warmUpSeconds * 1e9)
    watch.measure(loop, from: from)
    try pass(until: from)
    let before = scene.snapshot(bench.clock)
    var switches: SwitchFigures?
    if bench.plan.switchCount == 0 {
      try pass(until: from + Int64(seconds * 1e9))
    } else {
      try pass(until: from + Int64(seconds * 1e9 / 3))
      switches = try Switches(bench, scene, watch, seconds: seconds / 3) { [self] in try pass(until: $0) }.run()
      try pass(until: bench.clock.now + Int64(seconds * 1e9 / 3))
    }
    let after = scene.snapshot(bench.clock)
    try finish()
    return result(before, after, switches)
  }

  private func finish() throws {
    sender.stop()
    bench.endProgress()
    bench.say("no more requests; waiting for the last answers")
    try bench.wait("all requests are acknowledged", { sender.hasEnded ? 1 : 0 }, until: 1) {
      Thread.sleep(forTimeInterval: 0.01)
    }
    do {
      try bench.wait("all requests are answered", { watch.answered }, until: sender.acknowledged) {
        Thread.sleep(forTimeInterval: 0.01)
      }
    } catch let failure as CommandFailure {
      // The account tells.
      Terminal.complain("\(failure)")
    }
    watch.finish(sent: sender.acknowledged, inTopic: try scene.requestCount())
  }

  private func result(_ before: BenchSnapshot, _ after: BenchSnapshot, _ switches: SwitchFigures?) -> BenchResult {
    let findings = watch.current
    var result = BenchResult(bench, scene, findings.account)
    let wall = Double(after.time - before.time) / 1e9
    result.steady = SteadyFigures(
      perSecond: perSecond, seconds: wall, latency: findings.latency, late: sender.late)
    result.steps = StepTable(
      after.steps.since(before.steps), records: after.committed - before.committed,
      seconds: wall * Double(scene.lanes), rest: "waiting")
    result.switches = switches
    return result
  }

  /// Lets time pass.
  /// - Throws: if the worker falls so far behind that the embedded broker would forget requests.
  private func pass(until time: Int64) throws {
    while bench.clock.now < time {
      try bench.checkInterruption()
      try checkBacklog()
      bench.progress("\(sender.sent) sent, \(watch.answered) answered")
      let rest = Double(time - bench.clock.now) / 1e9
      if rest > 0 { Thread.sleep(forTimeInterval: min(rest, Self.lookSeconds)) }
    }
  }

  private func checkBacklog() throws {
    let waiting = sender.sent - watch.answered
    guard scene.broker == "embedded", waiting > room.capacity(scene.partitions) / 2 else { return }
    throw CommandFailure.failed(
      "the worker does not keep up with \(perSecond) requests a second: \(waiting) wait, and the embedded broker would forget them: lower --rate"
    )
  }
}
