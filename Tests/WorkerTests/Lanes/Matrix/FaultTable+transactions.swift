/// Requests of producers: their ids, their transactions, the answers.
///
/// A transaction that fails is aborted or its producer renewed, and its records are answered again. A newer owner of a
/// producer's id cannot be told from a transaction that the broker has timed out (librdkafka gives both the same name), so
/// that the lane goes on twice in five minutes and ends at the third time.
extension FaultTable {
  private static let coordinator: [FaultRow] = [
    FaultRow(.coordinatorLoadInProgress),
    FaultRow(.coordinatorNotAvailable),
    FaultRow(.notCoordinator),
  ]

  private static let fences: [FaultRow] = [
    FaultRow(.invalidProducerEpoch, inARow: .fenced),
    FaultRow(.producerFenced, inARow: .fenced),
  ]

  private static let passing: [FaultRow] = [
    FaultRow(.unknownServerError),
    FaultRow(.lostAcknowledgement),
  ]

  /// DUPLICATE_SEQUENCE_NUMBER is not among them: a broker that answers it has the records, and librdkafka counts them as
  /// written, while the embedded broker would be made to answer it without having them.
  private static let appends: [FaultRow] = [
    FaultRow(.corruptMessage),
    FaultRow(.unknownTopicOrPartition),
    FaultRow(.leaderNotAvailable),
    FaultRow(.notLeaderOrFollower),
    FaultRow(.requestTimedOut),
    FaultRow(.replicaNotAvailable),
    FaultRow(.messageTooLarge),
    FaultRow(.invalidTopic),
    FaultRow(.recordListTooLarge),
    FaultRow(.notEnoughReplicas),
    FaultRow(.notEnoughReplicasAfterAppend),
    FaultRow(.invalidRequiredAcks),
    FaultRow(.topicAuthorizationFailed),
    FaultRow(.clusterAuthorizationFailed),
    FaultRow(.invalidTimestamp),
    FaultRow(.unsupportedForMessageFormat),
    FaultRow(.policyViolation),
    FaultRow(.outOfOrderSequenceNumber),
    FaultRow(.storageError),
    FaultRow(.unknownProducerID),
    FaultRow(.fencedLeaderEpoch),
    FaultRow(.unknownLeaderEpoch),
    FaultRow(.invalidRecord),
    FaultRow(.throttlingQuotaExceeded),
  ]

  static let produce: [FaultRow] =
    appends + passing + [
      FaultRow(.invalidProducerEpoch, inARow: .fenced),
      // Newer than librdkafka 2.0.2's handling of Produce, which takes it for any failure of a record and says the reason
      // of the next one wrongly. A broker that has a newer owner fences the requests that follow as well.
      FaultRow(.producerFenced),
      FaultRow(.invalidTransactionState),
      FaultRow(.invalidProducerIDMapping),
      FaultRow(.transactionalIDAuthorizationFailed),
    ]

  /// A producer that is only idempotent has an epoch as well, but nobody else has its id.
  static let plainProduce: [FaultRow] = appends + passing + [FaultRow(.invalidProducerEpoch)]

  static let findTransactionCoordinator: [FaultRow] =
    coordinator + passing + [
      FaultRow(
        // The first one ends a running lane's transaction; the next ones find no way to begin another.
        .transactionalIDAuthorizationFailed, first: .stops(naming: "transactional id"), middle: .goesOn,
        inARow: .stops(naming: "transactional id")),
      FaultRow(.invalidRequest),
    ]

  static let initProducerID: [FaultRow] =
    coordinator + passing + [
      FaultRow(.concurrentTransactions),
      FaultRow(.invalidProducerEpoch),
      FaultRow(.producerFenced),
      FaultRow(.invalidRequest),
      FaultRow(.transactionalIDAuthorizationFailed, .stops(naming: "transactional id")),
      FaultRow(.clusterAuthorizationFailed, .stops(naming: "transactional id")),
      FaultRow(.invalidTransactionTimeout, .stops(naming: "transactional id")),
    ]

  static let plainInitProducerID: [FaultRow] =
    coordinator + passing + [
      FaultRow(.clusterAuthorizationFailed, .stops(naming: "understudy topics acl")),
      FaultRow(.invalidRequest),
    ]

  static let addPartitions: [FaultRow] =
    coordinator + passing + fences + [
      FaultRow(.concurrentTransactions),
      FaultRow(.unknownTopicOrPartition),
      FaultRow(.topicAuthorizationFailed),
      FaultRow(.invalidTransactionState),
      FaultRow(.invalidProducerIDMapping),
      FaultRow(.transactionalIDAuthorizationFailed),
    ]

  static let addOffsets: [FaultRow] =
    coordinator + passing + fences + [
      FaultRow(.concurrentTransactions),
      FaultRow(.groupAuthorizationFailed),
      FaultRow(.invalidTransactionState),
      FaultRow(.invalidProducerIDMapping),
      FaultRow(.transactionalIDAuthorizationFailed),
    ]

  static let endTransaction: [FaultRow] =
    coordinator + passing + fences + [
      FaultRow(.concurrentTransactions),
      FaultRow(.invalidTransactionState),
      FaultRow(.invalidProducerIDMapping),
      FaultRow(.unknownProducerID),
      FaultRow(.transactionalIDAuthorizationFailed),
    ]

  static let transactionOffsetCommit: [FaultRow] =
    coordinator + passing + fences + [
      FaultRow(.unknownTopicOrPartition),
      FaultRow(.requestTimedOut),
      FaultRow(.offsetMetadataTooLarge),
      FaultRow(.illegalGeneration),
      FaultRow(.unknownMemberID),
      FaultRow(.rebalanceInProgress),
      FaultRow(.invalidCommitOffsetSize),
      FaultRow(.topicAuthorizationFailed),
      FaultRow(.groupAuthorizationFailed),
      FaultRow(.unsupportedForMessageFormat),
      FaultRow(.invalidTransactionState),
      FaultRow(.invalidProducerIDMapping),
      FaultRow(.transactionalIDAuthorizationFailed),
      FaultRow(.fencedInstanceID, .fenced),
    ]
}
