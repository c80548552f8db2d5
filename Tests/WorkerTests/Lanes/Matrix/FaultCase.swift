/// One cell of the matrix.
struct FaultCase: CustomStringConvertible {
  var request: LaneRequest
  var code: BrokerCode
  var position: FaultRow.Position
  var expectation: FaultRow.Expectation

  /// How the failures come. A transaction produces to three partitions, so that three in a row are those of one; fences are
  /// counted by transactions.
  var codes: [Int32] {
    let inARow = isFence && request == .produce ? 9 : 3
    return Array(repeating: code.rawValue, count: position == .inARow ? inARow : 1)
  }

  /// Whether a lane may count it among its fences, of which the third in five minutes ends it.
  var isFence: Bool { [.invalidProducerEpoch, .producerFenced, .fencedInstanceID].contains(code) }

  var description: String { "\(request) answered \(code), \(position)" }

  /// Every cell of one kind of request.
  static func all(of request: LaneRequest) -> [FaultCase] {
    FaultRow.Position.allCases.flatMap { position in
      FaultTable.rows(of: request).map {
        FaultCase(request: request, code: $0.code, position: position, expectation: $0.expectation(position))
      }
    }
  }
}
