import Domain

/// What a lane needs to know.
package struct LaneConfiguration: Sendable {
  /// The user's properties.
  package var properties: ClientProperties
  /// All workers that share the requests.
  package var group: String
  /// Stable and unique in the group.
  package var slot: String
  /// Number of the lane in the worker, from 0.
  package var number: Int
  /// Topics to consume.
  package var requestTopics: [String]
  /// Where responses go.
  package var responsesTopic: String
  /// Where the originals of failed requests go.
  package var deadLettersTopic: String
  /// What is promised.
  package var delivery: Delivery
  /// Where a new group begins.
  package var start: StartPosition
  /// Records a turn takes at most.
  package var batchRecords: Int
  /// Bytes a turn takes at most.
  package var batchBytes: Int
  /// The longest that a turn gathers records while more keep coming.
  package var lingerMilliseconds: Int
  /// The longest that a transaction stays open.
  package var commitIntervalMilliseconds: Int
  /// Milliseconds that an empty fetch may wait at the broker. The embedded broker sleeps all of it.
  package var fetchWaitMilliseconds: Int
  /// How long the lane may have something to do and get nowhere, before its clients are made anew.
  package var stallMilliseconds: Int
  /// How long the lane may be without a place in its group, before its clients are made anew.
  package var outsideMilliseconds: Int
  /// Whether the lane ends by itself, when every partition has been read to what was its end as the lane took it over.
  /// Such a lane goes on with the oldest record where those before it were deleted by the topic's retention.
  package var stopsAtEnds: Bool
  /// How often lanes of this slot have begun to run, this time included: transactions are numbered from there, so that a
  /// number comes once, whatever the clock says.
  package var life: Int

  /// A lane's configuration.
  package init(
    properties: ClientProperties, group: String, slot: String, number: Int, requestTopics: [String],
    responsesTopic: String, deadLettersTopic: String, delivery: Delivery = .exactlyOnce,
    start: StartPosition = .earliest, batchRecords: Int = 1024, batchBytes: Int = 4 << 20,
    lingerMilliseconds: Int = 5, commitIntervalMilliseconds: Int = 100, fetchWaitMilliseconds: Int = 100,
    stallMilliseconds: Int = Limits.stalledLaneSeconds * 1000,
    outsideMilliseconds: Int = Limits.stalledMembershipSeconds * 1000, stopsAtEnds: Bool = false, life: Int = 0
  ) {
    self.properties = properties
    self.group = group
    self.slot = slot
    self.number = number
    self.requestTopics = requestTopics
    self.responsesTopic = responsesTopic
    self.deadLettersTopic = deadLettersTopic
    self.delivery = delivery
    self.start = start
    self.batchRecords = batchRecords
    self.batchBytes = batchBytes
    self.lingerMilliseconds = lingerMilliseconds
    self.commitIntervalMilliseconds = commitIntervalMilliseconds
    self.fetchWaitMilliseconds = fetchWaitMilliseconds
    self.stallMilliseconds = stallMilliseconds
    self.outsideMilliseconds = outsideMilliseconds
    self.stopsAtEnds = stopsAtEnds
    self.life = life
  }

  /// What a request record gets.
  package enum Delivery: String, Sendable, CaseIterable {
    /// One response, by transactions.
    case exactlyOnce = "exactly_once"
    /// At least one response.
    case atLeastOnce = "at_least_once"
  }

  /// Where a new group begins.
  package enum StartPosition: String, Sendable, CaseIterable {
    /// At the oldest record.
    case earliest
    /// At the records that come from now on.
    case latest
  }

  /// Lane first, so that range assignment, which orders members by it, spreads partitions over workers.
  var groupInstanceID: String { "\(group).\(paddedNumber).\(slot)" }

  private var paddedNumber: String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 3 - text.count)) + text
  }

  /// The transactional id of one of the producers that take turns.
  static func transactionalID(group: String, slot: String, lane: Int, producer: Int) -> String {
    "\(group).\(slot).\(lane).\(producer)"
  }
}
