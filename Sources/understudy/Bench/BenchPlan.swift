import Domain
import Foundation
import Kafka

/// What a run against a broker is to do, resolved from the options and checked.
struct BenchPlan: Sendable {
  /// How requests come.
  enum Load: Sendable, Equatable {
    /// All of them lie there before the worker starts.
    case flatOut(records: Int)
    /// At a steady rate, whatever becomes of the answers.
    case steady(perSecond: Int, seconds: Double)
  }

  var load: Load
  /// Rates of a steady load that are sent before anything is measured, in seconds.
  var warmUpSeconds = 2.0
  /// Partitions of requests and responses; nil for as many as are needed.
  var partitions: Int?
  var swaps = 0
  var rollbacks = 0
  var isQuiet = false
  /// The worker, but for what a bench decides itself: its names, its state and its topics.
  var worker = WorkerConfiguration()

  /// Whether there is anything to switch to.
  var switchCount: Int { swaps + rollbacks }

  /// Requests that are sent at least.
  var requestCount: Int {
    switch load {
    case .flatOut(let records): records
    case .steady(let perSecond, let seconds): Int(Double(perSecond) * (seconds + warmUpSeconds))
    }
  }
}

/// How many partitions the embedded broker needs, which keeps the newest records of each and forgets the others.
struct EmbeddedRoom: Sendable {
  /// What the broker keeps of a partition.
  static let partitionBytes = 5 << 20
  /// What is counted on: partitions fill evenly, batches have heads of their own.
  private static let usableBytes = partitionBytes * 3 / 4
  /// Bytes around a key and a value: Kafka's record format, and the header with the status.
  private static let recordOverhead = 40
  /// More cost each client more than they give.
  static let partitionCeiling = 256
  static let standardPartitions = 6

  /// Bytes that a request, and its answer, take.
  let requestBytes: Int
  let responseBytes: Int

  /// Bytes of the larger one, with what is around it.
  private var recordBytes: Int { max(requestBytes, responseBytes) + Self.recordOverhead }

  /// Records that lie in a partition.
  private var recordsPerPartition: Int { max(1, Self.usableBytes / recordBytes) }

  /// Records that so many partitions hold.
  func capacity(_ partitions: Int) -> Int { recordsPerPartition * partitions }

  /// Seconds of a steady load that find room.
  private static let roomSeconds = 4

  /// The partitions of a steady load, of which only what waits must find room; as few as do, since the embedded broker
  /// goes through all that it keeps of a partition at each fetch.
  func partitions(waitingAt perSecond: Int) throws(CommandFailure) -> Int {
    let needed = (perSecond * Self.roomSeconds + recordsPerPartition - 1) / recordsPerPartition
    guard needed <= Self.partitionCeiling else {
      throw .usage(
        "the embedded broker keeps 5 MiB of a partition, too little for \(perSecond) requests of \(recordBytes) bytes a second: "
          + "lower --rate to \(capacity(Self.partitionCeiling) / Self.roomSeconds), or name a broker with --bootstrap")
    }
    return needed
  }

  /// The partitions of a load that lies there as a whole.
  /// - Throws: what to lower, if they do not hold it.
  func partitions(for records: Int, wanted: Int?) throws(CommandFailure) -> Int {
    let needed = (records + recordsPerPartition - 1) / recordsPerPartition
    let most = wanted ?? Self.partitionCeiling
    guard needed <= most else {
      let hint = wanted.map { "raise --partitions \($0) to \(needed), or lower --records to \(capacity($0))" }
      let ceiling = "lower --records to \(capacity(Self.partitionCeiling)), or name a broker with --bootstrap"
      throw .usage(
        "the embedded broker keeps 5 MiB of a partition, and \(records) records of \(recordBytes) bytes need \(needed) partitions: "
          + (needed <= Self.partitionCeiling ? hint ?? ceiling : ceiling))
    }
    return wanted ?? max(needed, Self.standardPartitions)
  }
}
