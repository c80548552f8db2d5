import Domain
import Foundation
import Kafka
import Synchronization

/// Sends requests when they are due, never waiting for answers nor acknowledgements.
final class SteadySender: Sendable {
  private struct State {
    var loop: OpenLoop?
    var late = LatencyHistogram()
    var lateFrom = Int64.max
  }

  private let producer: StreamProducer
  private let requests: BenchRequests
  private let partitions: Int
  private let clock: BenchClock
  private let state = Mutex(State())
  private let number = Atomic<Int>(0)
  private let isStopping = Atomic<Bool>(false)
  private let wanted = Atomic<Int>(0)

  /// Seconds between two requests that are sent to see whether anybody answers yet.
  private static let probeSeconds = 0.02
  /// The longest that it sleeps, in seconds, so that acknowledgements are taken.
  private static let napSeconds = 0.001

  init(_ requests: BenchRequests, by producer: StreamProducer, partitions: Int, clock: BenchClock) {
    self.requests = requests
    self.producer = producer
    self.partitions = partitions
    self.clock = clock
  }

  /// Requests given to the client, and those that the broker has acknowledged.
  var sent: Int { number.load(ordering: .acquiring) }
  var acknowledged: Int { producer.acknowledged }

  /// How late requests were sent, of those that were due from the time given to `begin`.
  var late: LatencyHistogram { state.withLock { $0.late } }

  func stop() { isStopping.store(true, ordering: .releasing) }

  /// Has the load be steady from now on.
  /// - Returns: when each request is due; nil if that is not known within a second.
  func begin(perSecond: Int, lateFrom seconds: Double) -> OpenLoop? {
    wanted.store(perSecond, ordering: .releasing)
    let patience = ContinuousClock.now + .seconds(1)
    while ContinuousClock.now < patience {
      let loop: OpenLoop? = state.withLock { state in
        if let loop = state.loop { state.lateFrom = loop.start + Int64(seconds * 1e9) }
        return state.loop
      }
      if let loop { return loop }
      Thread.sleep(forTimeInterval: Self.napSeconds)
    }
    return nil
  }

  /// Sends until `stop`, and then waits for acknowledgements. Blocks.
  func run() throws {
    while !isStopping.load(ordering: .acquiring) {
      if let loop = loop() {
        try sendDue(loop)
      } else {
        try send(at: nil)
        Thread.sleep(forTimeInterval: Self.probeSeconds)
      }
      producer.poll(milliseconds: 0)
    }
    let patience = ContinuousClock.now + .seconds(30)
    while producer.acknowledged < sent, ContinuousClock.now < patience { producer.poll(milliseconds: 10) }
  }

  /// The loop, which begins when it is asked for.
  private func loop() -> OpenLoop? {
    let perSecond = wanted.load(ordering: .acquiring)
    guard perSecond > 0 else { return nil }
    return state.withLock { state in
      let loop = state.loop ?? OpenLoop(start: clock.now, perSecond: perSecond, first: sent)
      state.loop = loop
      return loop
    }
  }

  private func sendDue(_ loop: OpenLoop) throws {
    let end = loop.end(at: clock.now)
    while sent < end, !isStopping.load(ordering: .acquiring) { try send(at: loop.due(sent)) }
    let pause = Double(loop.due(sent) - clock.now) / 1e9
    if pause > 0 { Thread.sleep(forTimeInterval: min(pause, Self.napSeconds)) }
  }

  private func send(at due: Int64?) throws {
    let number = sent
    try Self.send(number, of: requests, by: producer, partitions: partitions)
    if let due {
      let now = clock.now
      state.withLock { if due >= $0.lateFrom { $0.late.record(nanoseconds: now - due) } }
    }
    self.number.store(number + 1, ordering: .releasing)
  }

  /// Sends one request: its key is its number, so that its answer can be told.
  static func send(
    _ number: Int, of requests: BenchRequests, by producer: StreamProducer, partitions: Int
  ) throws(KafkaError) {
    let body = requests[number]
    let isDefault = body.model == requests[0].model
    try producer.produce(
      partition: Int32(number % partitions), key: BenchAccount.key(number), value: body.bytes,
      headers: isDefault ? [] : [RecordHeader("x-model", Array(body.model.utf8))])
  }
}
