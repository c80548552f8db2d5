/// The matrix of errors: written by hand from the protocol and from what librdkafka 2.0.2 is known to do, never asked
/// of the code that it judges.
enum FaultTable {
  /// What a broker may answer to a kind of request, and what is to come of it.
  static func rows(of request: LaneRequest) -> [FaultRow] {
    switch request {
    case .produce: produce
    case .plainProduce: plainProduce
    case .fetch: fetch
    case .listOffsets: listOffsets
    case .offsetCommit: offsetCommit
    case .offsetFetch: offsetFetch
    case .findGroupCoordinator: findGroupCoordinator
    case .findTransactionCoordinator: findTransactionCoordinator
    case .joinGroup: joinGroup
    case .heartbeat: heartbeat
    case .syncGroup: syncGroup
    case .initProducerID: initProducerID
    case .plainInitProducerID: plainInitProducerID
    case .addPartitionsToTransaction: addPartitions
    case .addOffsetsToTransaction: addOffsets
    case .endTransaction: endTransaction
    case .transactionOffsetCommit: transactionOffsetCommit
    }
  }
}
