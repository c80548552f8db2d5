import Domain
import Foundation
import Kafka
import Logging
import Synchronization

/// One lane on a thread of its own: what it says, what it tells its observer, and how it ends.
final class RunningLane: Sendable {
  let control = LaneControl()
  private let end = LaneEnd()
  private let lines = LogLines()

  /// Starts it.
  /// - Parameter gate: keeps it from answering while it is closed.
  /// - Parameter journal: what it writes to.
  /// - Parameter servedTopics: of which its worker has served partitions before.
  init(_ configuration: LaneConfiguration, gate: Gate, journal: EveryThird? = nil, servedTopics: Set<String> = []) {
    let topics = DestinationTopics(responsePartitions: 3, deadLetterPartitions: 3)
    let logger = Logger(label: "lane") { [lines] _ in RecordingLog(lines: lines) }
    let thread = Thread { [control, end] in
      let outcome = Result { () throws(KafkaError) in
        try control.pulse.whileRunning { () throws(KafkaError) in
          let lane = Lane(
            configuration: configuration, control: control, topics: topics, observer: end,
            offsetMemory: NoMemory(servedTopics: servedTopics), journal: journal, logger: logger
          ) { _ in EchoProcessor(gate, end) }
          try lane.run()
        }
      }
      end.outcome.withLock { $0 = outcome }
    }
    thread.start()
  }

  /// What the lane has said.
  var log: String { lines.text.withLock { $0 } }

  /// How the lane has ended; nil while it runs.
  var outcome: Result<Void, KafkaError>? { end.outcome.withLock { $0 } }

  /// Whether the lane, and with it everything that it owns, has been given back.
  var isReleased: Bool { end.isReleased.load(ordering: .acquiring) }

  /// How often it has made its clients anew because it got nowhere.
  var rebuilds: Int { end.rebuilds.load(ordering: .relaxed) }

  /// How many records it has made answers to.
  var answered: Int { end.answered.load(ordering: .acquiring) }

  /// Ends the lane.
  /// - Returns: the error that it ended with.
  func stop() throws -> KafkaError? {
    control.stop()
    return try failure()
  }

  /// Waits until the lane has ended.
  /// - Returns: the error that it ended with.
  func failure() throws -> KafkaError? {
    let outcome: Result<Void, KafkaError> = try waitFor("the lane ends: \(log.suffix(2000))") {
      self.outcome
    }
    if case .failure(let error) = outcome { return error }
    return nil
  }
}

/// Keeps a lane from answering while it is closed.
final class Gate: Sendable {
  let closed = Mutex<Void>(())
}

/// What a lane tells, and how it has ended.
private final class LaneEnd: LaneObserver, Sendable {
  let outcome = Mutex<Result<Void, KafkaError>?>(nil)
  let isReleased = Atomic(false)
  let rebuilds = Atomic(0)
  let answered = Atomic(0)

  func lane(_ number: Int, tookSnapshot serial: UInt64, positions: [String: Int64]) {}
  func lane(_ number: Int, lag: [String: Int64]) {}
  func lane(_ number: Int, rebuiltAfter idle: Duration) { rebuilds.add(1, ordering: .relaxed) }
}

/// Answers each request with its own value. It is its lane's, and goes with it.
private final class EchoProcessor: RecordProcessor {
  var mayServe: Bool { true }
  let isSwitchWaiting = false
  let recordLimit = Int.max
  private let gate: Gate
  private let end: LaneEnd

  init(_ gate: Gate, _ end: LaneEnd) {
    self.gate = gate
    self.end = end
  }

  deinit { end.isReleased.store(true, ordering: .releasing) }

  func beginTransaction(_ number: UInt64) -> UInt64 { 1 }

  func process(_ batch: borrowing RecordBatch, into responses: inout ResponseBatch) {
    gate.closed.withLock { _ in }
    for (position, record) in batch.records.enumerated() {
      responses.appendRecord(
        request: position, destination: .responses, partition: record.partition,
        value: record.value.map { .request($0) })
    }
    end.answered.add(batch.records.count, ordering: .releasing)
  }
}

/// The embedded broker forgets the offsets of transactions, so that a lane which has to ask it begins anew: repeats, no
/// losses.
private final class NoMemory: OffsetMemory {
  let servedTopics: Set<String>

  init(servedTopics: Set<String>) { self.servedTopics = servedTopics }

  func hasServed(topic: String, partition: Int32) -> Bool { false }
  func hasServed(topic: String) -> Bool { servedTopics.contains(topic) }
  func markServed(topic: String, partition: Int32) {}
}

private final class LogLines: Sendable {
  let text = Mutex("")
}

/// Keeps lines instead of printing them.
private struct RecordingLog: LogHandler {
  let lines: LogLines
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    lines.text.withLock { $0 += "\(event.level) \(event.message) \(event.metadata ?? [:])\n" }
  }
}
