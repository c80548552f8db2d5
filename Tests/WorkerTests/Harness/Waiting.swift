import Dispatch

/// What a test waited for did not come.
struct TestFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// Asks again and again until there is an answer: the one place in which tests let time pass.
/// - Parameter what: for the failure, what was waited for.
/// - Parameter pause: let other threads run between two questions; not needed where the question itself waits for a
///   broker.
func waitFor<Value>(
  _ what: @autoclosure () -> String, within limit: Duration = .seconds(30),
  pause: DispatchTimeInterval = .milliseconds(10),
  _ question: () throws -> Value?
) throws -> Value {
  let deadline = ContinuousClock.now + limit
  while true {
    if let answer = try question() { return answer }
    guard ContinuousClock.now < deadline else { throw TestFailure("not within \(limit): \(what())") }
    _ = DispatchSemaphore(value: 0).wait(timeout: .now() + pause)
  }
}

/// Asks until it is so.
func waitUntil(
  _ what: @autoclosure () -> String, within limit: Duration = .seconds(30), _ question: () throws -> Bool
) throws {
  try waitFor(what(), within: limit) { try question() ? () : nil }
}
