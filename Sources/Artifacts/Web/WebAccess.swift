import Domain
import Foundation

/// What the configuration says of fetching over HTTP.
package struct WebAccess: Sendable {
  package var allowList: URLAllowList
  /// The longest that one fetch may take, all attempts together.
  package var timeLimit: Duration
  /// Longest silence of a server.
  var idleLimit = Duration.seconds(Limits.fetchIdleSeconds)
  /// Lets time pass between two attempts, on the thread that fetches.
  var pause: @Sendable (Duration) -> Void = { Thread.sleep(forTimeInterval: Double($0.components.seconds) + 0.5) }

  /// Access to what the list allows.
  package init(allowList: URLAllowList, timeLimit: Duration) {
    self.allowList = allowList
    self.timeLimit = timeLimit
  }

  /// No access.
  package static let none = WebAccess(allowList: .none, timeLimit: .zero)
}
