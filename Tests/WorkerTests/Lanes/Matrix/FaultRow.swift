/// What is to come of an error code that a broker answers to one kind of request.
struct FaultRow {
  var code: BrokerCode
  /// When the first such request of a fresh lane is answered by it.
  var first: Expectation
  /// When one of a running lane is.
  var middle: Expectation
  /// When three in a row are.
  var inARow: Expectation

  /// The same wherever it comes.
  init(_ code: BrokerCode, _ everywhere: Expectation = .goesOn) {
    self.init(code, first: everywhere, middle: everywhere, inARow: everywhere)
  }

  /// Something else if it comes again and again.
  init(_ code: BrokerCode, once: Expectation = .goesOn, inARow: Expectation) {
    self.init(code, first: once, middle: once, inARow: inARow)
  }

  /// Something else each time.
  init(_ code: BrokerCode, first: Expectation, middle: Expectation, inARow: Expectation) {
    self.code = code
    self.first = first
    self.middle = middle
    self.inARow = inARow
  }

  /// What a lane does.
  enum Expectation: Equatable {
    /// It serves on: nothing is lost, and first answers are in order.
    case goesOn
    /// It ends, since another process owns its slot, and says which setting to change.
    case fenced
    /// It ends and tells the user, with these words among others.
    case stops(naming: String)
  }

  /// Where a failure comes.
  enum Position: String, CaseIterable {
    case first
    case middle
    case inARow
  }

  func expectation(_ position: Position) -> Expectation {
    switch position {
    case .first: first
    case .middle: middle
    case .inARow: inARow
    }
  }
}
