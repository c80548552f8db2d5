/// Why a command or a release was refused: the closed list of the contract, as far as this build can refuse.
package enum RefusalReason: String, Sendable, CaseIterable {
  case unknownKind = "unknown_kind"
  case malformed
  case expired
  case duplicate
  case staleCurrent = "stale_current"
  case digestMismatch = "digest_mismatch"
  case tooLarge = "too_large"
  case fetchFailed = "fetch_failed"
  case unsafeArchive = "unsafe_archive"
  case badManifest = "bad_manifest"
  case stageMismatch = "stage_mismatch"
  case loadFailed = "load_failed"
  case noTestSets = "no_test_sets"
  case endToEndFailed = "end_to_end_failed"
  case metricOutOfRange = "metric_out_of_range"
  case costlierErrors = "costlier_errors"
  case unevenErrors = "uneven_errors"
  case tooSlow = "too_slow"
  case outOfMemory = "out_of_memory"
  case outOfDisk = "out_of_disk"
  case unknownVersion = "unknown_version"
  case immutableVersion = "immutable_version"
  case held
  case superseded
  case unsupported
}

/// A refusal: the reason for programs, the message for people.
package struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
  package var reason: RefusalReason
  package var message: String
  /// The command's id, when it could be read although the command was refused.
  package var commandID: String?
  /// Whether the same may succeed later: a source that does not answer, a disk or a memory that is full.
  package var mayRetry: Bool

  /// A refusal.
  package init(_ reason: RefusalReason, _ message: String, commandID: String? = nil, mayRetry: Bool = false) {
    self.reason = reason
    self.message = message
    self.commandID = commandID
    self.mayRetry = mayRetry
  }

  package var description: String { "\(reason.rawValue): \(message)" }
}
