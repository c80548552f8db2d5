import Domain

/// Why a request or a row cannot be decoded, on its way into the table.
struct RequestFailure: Error, Equatable {
  /// The reason from the closed list.
  var reason: ResponseReason
  /// For people: the place, what was expected and what was there.
  var message: String

  /// A failure.
  init(_ reason: ResponseReason, _ message: String) {
    self.reason = reason
    self.message = message
  }
}
