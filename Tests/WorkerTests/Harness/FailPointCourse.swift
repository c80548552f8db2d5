import Domain

/// What has to happen for a worker to reach a fail-point, besides the load and a command that every one meets.
enum FailPointCourse {
  /// Nothing: it serves, and a release goes live.
  case publication
  /// A stored release is retired.
  case retirement
  /// It is told to end.
  case termination
  /// It stops there by itself, and others end it.
  case standstill
  /// A transaction fails, and is known to have failed.
  case failedTransaction
  /// The outcome of a request is unknown.
  case lostAcknowledgement
  /// It has fewer lanes than before.
  case fewerLanes

  init(_ point: FailPoint) {
    self =
      switch point {
      case .retired, .removed: .retirement
      case .averaging, .averaged, .revoking, .revoked: .termination
      case .scoring: .standstill
      case .aborting, .aborted, .rewound: .failedTransaction
      case .renewed: .lostAcknowledgement
      case .formerClosed: .fewerLanes
      default: .publication
      }
  }
}
