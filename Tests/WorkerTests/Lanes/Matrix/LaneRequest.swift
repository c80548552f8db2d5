import Kafka

/// A request that a lane sends, with what makes a running lane send it.
enum LaneRequest: String, CaseIterable, CustomStringConvertible {
  case produce
  case plainProduce
  case fetch
  case listOffsets
  case offsetCommit
  case offsetFetch
  case findGroupCoordinator
  case findTransactionCoordinator
  case joinGroup
  case heartbeat
  case syncGroup
  case initProducerID
  case plainInitProducerID
  case addPartitionsToTransaction
  case addOffsetsToTransaction
  case endTransaction
  case transactionOffsetCommit

  /// The protocol's number of it.
  var apiKey: Int16 {
    switch self {
    case .produce, .plainProduce: 0
    case .fetch: 1
    case .listOffsets: 2
    case .offsetCommit: 8
    case .offsetFetch: 9
    case .findGroupCoordinator, .findTransactionCoordinator: 10
    case .joinGroup: 11
    case .heartbeat: 12
    case .syncGroup: 14
    case .initProducerID, .plainInitProducerID: 22
    case .addPartitionsToTransaction: 24
    case .addOffsetsToTransaction: 25
    case .endTransaction: 26
    case .transactionOffsetCommit: 28
    }
  }

  /// The delivery of the lanes that are made to meet its failures.
  var delivery: LaneConfiguration.Delivery {
    switch self {
    // Without transactions the only coordinator that a lane looks for is its group's.
    case .plainProduce, .offsetCommit, .findGroupCoordinator, .plainInitProducerID: .atLeastOnce
    default: .exactlyOnce
    }
  }

  /// Answers go to a broker of their own, where nobody but the lane produces; all that reads or coordinates is on the
  /// other one, where nobody but the lane reads.
  var broker: Int32 {
    switch self {
    case .produce, .plainProduce: 2
    default: 1
    }
  }

  /// What may go to any broker has only one to go to.
  var brokers: Int {
    switch self {
    case .findGroupCoordinator, .findTransactionCoordinator, .initProducerID, .plainInitProducerID: 1
    default: 2
    }
  }

  /// The failure of another request by which a running lane comes to send this one; nil for what it sends anyway.
  var cause: (apiKey: Int16, code: BrokerCode, broker: Int32)? {
    switch self {
    case .joinGroup, .syncGroup: (12, .rebalanceInProgress, 1)
    case .findGroupCoordinator: (12, .notCoordinator, 1)
    case .findTransactionCoordinator: (26, .notCoordinator, 1)
    // New producers, and the offsets that the broker has.
    case .initProducerID, .offsetFetch, .listOffsets: (26, .lostAcknowledgement, 1)
    case .plainInitProducerID: (0, .lostAcknowledgement, 1)
    default: nil
    }
  }

  var description: String { rawValue }
}
