import Dispatch
import Domain
import Foundation
import Kafka
import Synchronization

@testable import understudy

/// Requests at a steady pace, from a thread of their own.
final class SteadyLoad: Sendable {
  struct Sent: Sendable, Equatable {
    var number: Int
    var partition: Int32
    var offset: Int64
  }

  /// Of the model `doubler`: request n carries the number n.
  static func doubler(_ number: Int) -> TopicRecord {
    TopicRecord(key: Array("k-\(number)".utf8), value: Array(#"{"id":"r-\#(number)","x":\#(number)}"#.utf8))
  }

  private let sent = Mutex<[Sent]>([])
  private let undecided = Mutex<[Int]>([])
  private let failure = Mutex<String?>(nil)
  private let record: @Sendable (Int) -> TopicRecord
  private let stopped = DispatchSemaphore(value: 0)
  private let isDone = DispatchSemaphore(value: 0)

  /// Begins to send.
  /// - Parameter perSecond: requests, in batches of a fiftieth of a second.
  /// - Parameter record: the request with a number, which goes to that partition modulo their count.
  init(
    _ broker: TestBroker, perSecond: Int = 500, record: @escaping @Sendable (Int) -> TopicRecord = doubler
  ) throws {
    self.record = record
    let publisher = try Publisher(properties: broker.properties, clientID: "load", logger: TestBroker.logger)
    let topic = broker.topics.requests[0].name
    let partitions = broker.topics.partitions[topic] ?? 1
    let thread = Thread { [self] in
      var next = 0
      var due = ContinuousClock.now
      while true {
        let numbers = next..<next + max(1, perSecond / 50)
        next = numbers.upperBound
        send(numbers, publisher, topic, partitions)
        due += .milliseconds(20)
        // The pace of a requester: the signal that it waits for is its end.
        let pause = max(0, ContinuousClock.now.duration(to: due) / .milliseconds(1))
        if stopped.wait(timeout: .now() + .milliseconds(Int(pause))) == .success { break }
      }
      isDone.signal()
    }
    thread.start()
  }

  private func send(_ numbers: Range<Int>, _ publisher: Publisher, _ topic: String, _ partitions: Int) {
    let outgoing = numbers.map { number in
      Publisher.Outgoing(
        topic: topic, partition: Int32(number % partitions), record: record(number))
    }
    do {
      let offsets = try publisher.publish(outgoing)
      let batch = zip(numbers, zip(outgoing, offsets)).map {
        Sent(number: $0, partition: $1.0.partition, offset: $1.1)
      }
      sent.withLock { $0 += batch }
    } catch {
      failure.withLock { $0 = "\(error)" }
      undecided.withLock { $0 += numbers }
    }
  }

  /// Requests acknowledged so far.
  var count: Int { sent.withLock { $0.count } }

  /// Requests of which nobody knows whether the broker has them: their batch was not acknowledged as a whole.
  var unknown: [Int] { undecided.withLock { $0 } }

  /// Ends it.
  /// - Parameter isLossy: a request whose fate is unknown is no failure.
  /// - Returns: everything that was acknowledged.
  func stop(isLossy: Bool = false) throws -> [Sent] {
    stopped.signal()
    guard isDone.wait(timeout: .now() + 40) == .success else { throw TestFailure("the load has not ended") }
    if !isLossy, let failure = failure.withLock({ $0 }) { throw TestFailure("a request could not be sent: \(failure)") }
    return sent.withLock { $0 }
  }
}
