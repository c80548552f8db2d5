import Dispatch
import Foundation

/// What a test waited for did not come.
struct TestFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// How long tests wait for what comes if the product works, and does not if it does not: nobody's measure, since machines
/// that run tests may be short of time.
let patience = Duration.seconds(240)

/// Whether tests may take long and the machine is theirs alone.
let isLongRun = ProcessInfo.processInfo.environment["UNDERSTUDY_LONG"] != nil

/// How long a worker may take to end when it is told to: five seconds, four times that where it shares the machine.
let promptness = Duration.seconds(isLongRun ? 5 : 20)

/// Asks again and again until there is an answer: the one place in which tests let time pass.
/// - Parameter what: for the failure, what was waited for.
/// - Parameter pause: let other threads run between two questions; not needed where the question itself waits for a
///   broker.
func waitFor<Value>(
  _ what: @autoclosure () -> String, within limit: Duration = patience,
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
  _ what: @autoclosure () -> String, within limit: Duration = patience, _ question: () throws -> Bool
) throws {
  try waitFor(what(), within: limit) { try question() ? () : nil }
}
