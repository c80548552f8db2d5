import Domain
import Foundation
import Kafka
import Synchronization

/// Publishes requests at a steady rate until it is stopped, each with an identifier of its own.
final class DemoLoad: Sendable {
  private let publisher: Publisher
  private let topic: String
  private let partitions: Int
  private let rows: [[UInt8]]
  private let perSecond: Int
  private let isStopping = Atomic<Bool>(false)
  private let published = Atomic<Int>(0)

  /// Milliseconds between two bursts.
  private static let stepMilliseconds = 10

  /// - Parameter rows: contexts as JSON objects without an `id`.
  init(publisher: Publisher, topic: String, partitions: Int, rows: [[UInt8]], perSecond: Int) {
    self.publisher = publisher
    self.topic = topic
    self.partitions = partitions
    self.rows = rows
    self.perSecond = perSecond
  }

  /// Requests that the broker has acknowledged.
  var count: Int { published.load(ordering: .acquiring) }

  func stop() { isStopping.store(true, ordering: .releasing) }

  /// Blocks until `stop`.
  func run() throws {
    let started = ContinuousClock.now
    var number = 0
    while !isStopping.load(ordering: .acquiring) {
      let elapsed = Double((started.duration(to: .now)) / .milliseconds(1))
      let due = Int(elapsed * Double(perSecond) / 1000) + 1
      if number < due {
        let records = (number..<min(due, number + 1000)).map(request)
        _ = try publisher.publish(records)
        number += records.count
        published.store(number, ordering: .releasing)
      }
      Thread.sleep(forTimeInterval: Double(Self.stepMilliseconds) / 1000)
    }
  }

  private func request(_ number: Int) -> Publisher.Outgoing {
    let row = rows[number % rows.count]
    let value = Array("{\"id\":\"r-\(number)\",".utf8) + row.dropFirst()
    return .init(
      topic: topic, partition: Int32(number % partitions),
      record: TopicRecord(key: Array("k-\(number % 1000)".utf8), value: value))
  }
}
