import Dispatch
import Domain
import Foundation
import Kafka
import Synchronization

@testable import understudy

/// Reads the responses while the run goes on, as a requester does.
final class ChaosReader: Sendable {
  private let answers: Mutex<ChaosAnswers>
  private let failure = Mutex<String?>(nil)
  private let isStopping = Atomic<Bool>(false)
  private let isDone = DispatchSemaphore(value: 0)

  init(_ broker: TestBroker, seed: UInt64) {
    answers = Mutex(ChaosAnswers(seed: seed))
    let thread = Thread { [self] in
      do {
        let reader = try Self.reader(of: broker.topics.responses, broker)
        defer { reader.close() }
        while !isStopping.load(ordering: .acquiring) {
          if case .record(let record) = try reader.next(timeoutMilliseconds: 50) {
            answers.withLock { $0.take(record) }
          }
        }
      } catch {
        failure.withLock { $0 = "\(error)" }
      }
      isDone.signal()
    }
    thread.start()
  }

  /// What was read so far.
  var read: ChaosAnswers { answers.withLock { $0 } }
  var counts: (answers: Int, answered: Int) { answers.withLock { ($0.answers.count, $0.answered.count) } }

  /// Ends it.
  func stop() throws -> ChaosAnswers {
    isStopping.store(true, ordering: .releasing)
    guard isDone.wait(timeout: .now() + 20) == .success else { throw TestFailure("the reader has not ended") }
    if let failure = failure.withLock({ $0 }) { throw TestFailure("the responses could not be read: \(failure)") }
    return read
  }

  /// A reader of all partitions of a topic from the beginning.
  static func reader(of topic: String, _ broker: TestBroker, isolation: TopicReader.Isolation = .committed) throws
    -> TopicReader
  {
    try TopicReader(
      properties: broker.properties, group: "\(broker.name)-chaos", topic: topic,
      partitions: (0..<Int32(broker.topics.partitions[topic] ?? 1)).map { $0 }, start: .beginning, isolation: isolation,
      fetchWaitMilliseconds: 10, logger: TestBroker.logger)
  }
}
