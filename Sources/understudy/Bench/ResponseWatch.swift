import Domain
import Kafka
import Synchronization
import Wire

/// Reads the responses of a bench as they come, read_committed, and takes the time of each.
final class ResponseWatch: Sendable {
  /// What is known so far.
  struct Findings: Sendable {
    var account = BenchAccount()
    var latency = LatencyFigures()
    /// Activations of the model that is switched, as its answers tell them.
    var generation: Int64 = 0
    /// The generation whose first answer is waited for; nil for none.
    fileprivate var awaited: Int64?
    /// Nanoseconds of the last switch, from the command to the first answer.
    fileprivate var switchTime: Int64?
  }

  private let findings = Mutex(Findings())
  private let isStopping = Atomic<Bool>(false)
  private let clock: RunClock
  private let requests: BenchRequests
  private let open: @Sendable () throws -> TopicReader

  /// - Parameter open: a reader of the responses topic from its beginning.
  init(_ requests: BenchRequests, clock: RunClock, open: @escaping @Sendable () throws -> TopicReader) {
    self.requests = requests
    self.clock = clock
    self.open = open
    findings.withLock { $0.account.reserve(1 << 16) }
  }

  /// The findings so far. A copy: for the end.
  var current: Findings { findings.withLock { $0 } }

  var answered: Int { findings.withLock { $0.account.answered } }

  func stop() { isStopping.store(true, ordering: .releasing) }

  /// Reads until `stop`. Blocks.
  func run() throws {
    let reader = try open()
    defer { reader.close() }
    while !isStopping.load(ordering: .acquiring) {
      guard case .record(let record) = try reader.next(timeoutMilliseconds: 50) else { continue }
      let now = clock.now
      findings.withLock { take(record, at: now, into: &$0) }
    }
  }

  /// Reads every response that is there, without times. Blocks.
  func readToEnd() throws {
    let reader = try open()
    defer { reader.close() }
    try reader.readToEnd { record in findings.withLock { _ = $0.account.take(record) } }
  }

  private func take(_ record: TopicRecord, at now: Int64, into findings: inout Findings) {
    guard let number = findings.account.take(record) else { return }
    if requests[number].model == requests[0].model, let value = record.value {
      let generation = Self.generation(value) ?? 0
      if let awaited = findings.awaited, generation >= awaited {
        findings.awaited = nil
        findings.switchTime = findings.latency.endSwitch(at: now)
      }
      findings.generation = max(findings.generation, generation)
    }
    findings.latency.answered(number, at: now)
  }

  private static let member = Array("\"generation\":".utf8)

  /// The generation that an answer tells, which is near its end in every format.
  static func generation(_ value: [UInt8]) -> Int64? {
    var start = value.count - member.count
    while start >= 0 {
      if value[start] == member[0], value[start..<(start + member.count)].elementsEqual(member) {
        var number: Int64 = 0
        for digit in value[(start + member.count)...] {
          guard (48...57).contains(digit), number < 1_000_000_000_000 else { break }
          number = number * 10 + Int64(digit) - 48
        }
        return number
      }
      start -= 1
    }
    return nil
  }

  // MARK: The acts

  /// The load is steady from now on; what is due from `from` on counts.
  func measure(_ loop: OpenLoop, from: Int64) {
    findings.withLock {
      $0.latency.loop = loop
      $0.latency.measuredFrom = from
    }
  }

  /// A command is sent: the next generation is waited for.
  func beginSwitch() {
    let now = clock.now
    findings.withLock {
      $0.awaited = $0.generation + 1
      $0.switchTime = nil
      $0.latency.beginSwitch(at: now)
    }
  }

  /// Nanoseconds of the switch that was begun last; nil while its first answer is not there.
  var switchTime: Int64? { findings.withLock { $0.switchTime } }

  /// The load is over.
  func finish(sent: Int, inTopic: Int) {
    findings.withLock {
      $0.latency.finish()
      $0.account.sent = sent
      $0.account.inTopic = inTopic
    }
  }
}
