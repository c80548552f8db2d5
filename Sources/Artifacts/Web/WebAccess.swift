import Domain

/// What the configuration says of fetching over HTTP.
package struct WebAccess: Sendable {
  package var allowList: URLAllowList
  /// The longest that one fetch may take, all attempts together.
  package var timeLimit: Duration
  /// Longest silence of a server.
  var idleLimit = Duration.seconds(Limits.fetchIdleSeconds)
  /// Lets time pass between two attempts, on the thread that fetches, unless the fetch is given up.
  var pause: @Sendable (Duration, GiveUp) -> Void = { duration, giveUp in
    let end = ContinuousClock.now + duration + .milliseconds(500)
    while ContinuousClock.now < end, !giveUp.isAsked {
      rest(for: .milliseconds(Limits.giveUpCheckMilliseconds))
    }
  }

  /// Access to what the list allows.
  package init(allowList: URLAllowList, timeLimit: Duration) {
    self.allowList = allowList
    self.timeLimit = timeLimit
  }

  /// No access.
  package static let none = WebAccess(allowList: .none, timeLimit: .zero)
}
