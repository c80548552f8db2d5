import Domain
import Foundation
import Kafka
import Synchronization

/// A request of a load, and where it goes.
struct LoadRequest: Sendable {
  var partition: Int32
  var key: [UInt8]
  var value: [UInt8]
  var headers: [RecordHeader] = []
}

/// Sends requests when they are due, never waiting for answers nor acknowledgements.
final class SteadySender: Sendable {
  private struct State {
    var loop: OpenLoop?
    var late = LatencyHistogram()
    var lateFrom = Int64.max
  }

  private let producer: StreamProducer
  private let request: @Sendable (Int) -> LoadRequest
  private let clock: RunClock
  private let state = Mutex(State())
  private let number = Atomic<Int>(0)
  private let isStopping = Atomic<Bool>(false)
  private let wanted = Atomic<Int>(0)
  private let ended = Atomic<Bool>(false)

  /// Seconds between two requests that are sent to see whether anybody answers yet.
  private static let probeSeconds = 0.02
  /// The longest that it sleeps, in seconds, so that acknowledgements are taken.
  private static let napSeconds = 0.001

  /// - Parameter request: makes the request of a number.
  init(
    by producer: StreamProducer, clock: RunClock = RunClock(), request: @escaping @Sendable (Int) -> LoadRequest
  ) {
    self.producer = producer
    self.clock = clock
    self.request = request
  }

  /// Requests given to the client, and those that the broker has acknowledged.
  var sent: Int { number.load(ordering: .acquiring) }
  var acknowledged: Int { producer.acknowledged }

  /// How late requests were sent, of those that were due from the time given to `begin`.
  var late: LatencyHistogram { state.withLock { $0.late } }

  /// Whether nothing is sent any more and nothing is under way to the broker.
  var hasEnded: Bool { ended.load(ordering: .acquiring) }

  func stop() { isStopping.store(true, ordering: .releasing) }

  /// Has the load be steady from now on.
  /// - Parameter seconds: after which lateness counts.
  /// - Returns: when each request is due; nil if it does not run.
  func begin(perSecond: Int, lateFrom seconds: Double = 0) -> OpenLoop? {
    wanted.store(perSecond, ordering: .releasing)
    let patience = ContinuousClock.now + .seconds(10)
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
    ended.store(true, ordering: .releasing)
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
    try producer.produce(request(number))
    if let due {
      let now = clock.now
      state.withLock { if due >= $0.lateFrom { $0.late.record(nanoseconds: now - due) } }
    }
    self.number.store(number + 1, ordering: .releasing)
  }
}

extension StreamProducer {
  /// Puts a request into the client's queue.
  func produce(_ request: LoadRequest) throws(KafkaError) {
    try produce(partition: request.partition, key: request.key, value: request.value, headers: request.headers)
  }
}
