/// Requests of the consumer: its records, its place in the group, its offsets.
///
/// Whatever concerns the place in the group is mended by joining again; rights that are missing, and a place that another
/// process has taken, are the user's to mend.
extension FaultTable {
  static let fetch: [FaultRow] = [
    // Requests were deleted before they were answered: nothing is skipped silently.
    FaultRow(.offsetOutOfRange, .stops(naming: "kafka-consumer-groups --reset-offsets")),
    FaultRow(.corruptMessage),
    FaultRow(.unknownTopicOrPartition),
    FaultRow(.leaderNotAvailable),
    FaultRow(.notLeaderOrFollower),
    FaultRow(.requestTimedOut),
    FaultRow(.replicaNotAvailable),
    FaultRow(.topicAuthorizationFailed, .stops(naming: "understudy topics acl")),
    FaultRow(.storageError),
    FaultRow(.fencedLeaderEpoch),
    FaultRow(.unknownLeaderEpoch),
    FaultRow(.offsetNotAvailable),
    FaultRow(.throttlingQuotaExceeded),
    FaultRow(.unknownServerError),
    FaultRow(.lostAcknowledgement),
  ]

  static let listOffsets: [FaultRow] = [
    FaultRow(.unknownTopicOrPartition),
    FaultRow(.leaderNotAvailable),
    FaultRow(.notLeaderOrFollower),
    FaultRow(.requestTimedOut),
    FaultRow(.replicaNotAvailable),
    FaultRow(.topicAuthorizationFailed, .stops(naming: "understudy topics acl")),
    FaultRow(.storageError),
    FaultRow(.offsetNotAvailable),
    FaultRow(.unknownServerError),
    FaultRow(.lostAcknowledgement),
  ]

  static let offsetFetch: [FaultRow] = [
    FaultRow(.coordinatorLoadInProgress),
    FaultRow(.coordinatorNotAvailable),
    FaultRow(.notCoordinator),
    FaultRow(.requestTimedOut),
    FaultRow(.topicAuthorizationFailed, .stops(naming: "understudy topics acl")),
    FaultRow(.groupAuthorizationFailed, .stops(naming: "understudy topics acl")),
    // Not decided yet by the transaction that it is part of.
    FaultRow(.unstableOffsetCommit),
    FaultRow(.unknownServerError),
    FaultRow(.lostAcknowledgement),
  ]

  static let findGroupCoordinator: [FaultRow] = [
    FaultRow(.coordinatorLoadInProgress),
    FaultRow(.coordinatorNotAvailable),
    FaultRow(.notCoordinator),
    FaultRow(.groupAuthorizationFailed, .stops(naming: "understudy topics acl")),
    FaultRow(.invalidRequest),
    FaultRow(.unknownServerError),
    FaultRow(.lostAcknowledgement),
  ]

  static let joinGroup: [FaultRow] = [
    FaultRow(.coordinatorLoadInProgress),
    FaultRow(.coordinatorNotAvailable),
    FaultRow(.notCoordinator),
    // Another member may be about to leave that speaks another protocol, and so may one of too many.
    FaultRow(.inconsistentGroupProtocol),
    FaultRow(.groupMaxSizeReached),
    FaultRow(.invalidGroupID, .stops(naming: "group")),
    FaultRow(.unknownMemberID),
    FaultRow(.invalidSessionTimeout, .stops(naming: "session.timeout.ms")),
    FaultRow(.rebalanceInProgress),
    FaultRow(.groupAuthorizationFailed, .stops(naming: "understudy topics acl")),
    FaultRow(.fencedInstanceID, .fenced),
    FaultRow(.unknownServerError),
    FaultRow(.lostAcknowledgement),
  ]

  static let syncGroup: [FaultRow] = [
    FaultRow(.coordinatorLoadInProgress),
    FaultRow(.coordinatorNotAvailable),
    FaultRow(.notCoordinator),
    FaultRow(.illegalGeneration),
    FaultRow(.unknownMemberID),
    FaultRow(.rebalanceInProgress),
    // librdkafka joins again; if the right is really missing, that is where it ends.
    FaultRow(.groupAuthorizationFailed),
    FaultRow(.fencedInstanceID, .fenced),
    FaultRow(.unknownServerError),
    FaultRow(.lostAcknowledgement),
  ]

  static let heartbeat: [FaultRow] = [
    FaultRow(.coordinatorLoadInProgress),
    FaultRow(.coordinatorNotAvailable),
    FaultRow(.notCoordinator),
    FaultRow(.illegalGeneration),
    FaultRow(.unknownMemberID),
    FaultRow(.rebalanceInProgress),
    // librdkafka joins again; if the right is really missing, that is where it ends.
    FaultRow(.groupAuthorizationFailed),
    FaultRow(.fencedInstanceID, .fenced),
    FaultRow(.unknownServerError),
    FaultRow(.lostAcknowledgement),
  ]

  static let offsetCommit: [FaultRow] = [
    FaultRow(.unknownTopicOrPartition),
    FaultRow(.requestTimedOut),
    FaultRow(.offsetMetadataTooLarge),
    FaultRow(.coordinatorLoadInProgress),
    FaultRow(.coordinatorNotAvailable),
    FaultRow(.notCoordinator),
    FaultRow(.illegalGeneration),
    FaultRow(.unknownMemberID),
    FaultRow(.rebalanceInProgress),
    FaultRow(.invalidCommitOffsetSize),
    FaultRow(.topicAuthorizationFailed),
    FaultRow(.groupAuthorizationFailed),
    FaultRow(.fencedInstanceID, .fenced),
    FaultRow(.unknownServerError),
    FaultRow(.lostAcknowledgement),
  ]
}
