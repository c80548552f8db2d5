/// One cell of the matrix.
struct FaultCase: CustomStringConvertible {
  var request: LaneRequest
  var code: BrokerCode
  var position: FaultRow.Position
  var expectation: FaultRow.Expectation

  /// How the failures come. A transaction produces to three partitions, so that three in a row are those of one; fences are
  /// counted by transactions. A fetch that is under way when a lane goes back is outdated, and its failure looked over: one
  /// that ends the lane is met by the fetches after it, too, as it would be on any broker.
  var codes: [Int32] {
    // A right to the id that is missing is asked for by each of a lane's producers, and must still be missing when they are
    // initialised anew.
    let isOfEachProducer = request == .findTransactionCoordinator && code == .transactionalIDAuthorizationFailed
    // Producers are initialised by short calls, each with a new client, until one is answered in its time: what ends the
    // lane must still be the answer then.
    let isAskedAgain = if case .stops = expectation { request == .initProducerID } else { false }
    let inARow = isFence && request == .produce || isOfEachProducer || isAskedAgain ? 9 : 3
    // Readers of other topics look for the group's coordinator by themselves, and must not use the failure up.
    let isMetAgain =
      isAskedAgain || (request == .fetch || request == .findGroupCoordinator) && expectation != .goesOn
    return Array(repeating: code.rawValue, count: position == .inARow || isMetAgain ? inARow : 1)
  }

  /// Whether a lane may count it among its fences, of which the third in five minutes ends it.
  var isFence: Bool { [.invalidProducerEpoch, .producerFenced, .fencedInstanceID].contains(code) }

  var description: String { "\(request) answered \(code), \(position)" }

  /// Whether librdkafka 2.0.2 may never come back: a producer asks for the group's coordinator when it sends offsets, and an
  /// error of this kind it neither repeats nor takes for the end, but waits for the next connection that comes or goes.
  /// Where the answers to both questions come from one broker, the failure may be met by that one. See docs/faults.md.
  var mayBlock: Bool { request == .findTransactionCoordinator && code == .notCoordinator && position != .first }

  /// Every cell of one kind of request, but those that may block.
  static func all(of request: LaneRequest) -> [FaultCase] {
    FaultRow.Position.allCases.flatMap { position in
      FaultTable.rows(of: request).map {
        FaultCase(request: request, code: $0.code, position: position, expectation: $0.expectation(position))
      }.filter { !$0.mayBlock }
    }
  }
}
