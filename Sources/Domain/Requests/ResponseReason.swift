/// Why a request or a row was not answered: the closed list of the contract.
package enum ResponseReason: String, Sendable, CaseIterable {
  case decodeFailed = "decode_failed"
  case schemaMismatch = "schema_mismatch"
  case missingField = "missing_field"
  case outOfRange = "out_of_range"
  case notFinite = "not_finite"
  case unknownModel = "unknown_model"
  case unknownVersion = "unknown_version"
  case noLiveRelease = "no_live_release"
  case tooLarge = "too_large"
  case expired
  case featuresFailed = "features_failed"
  case modelFailed = "model_failed"
  case scoringFailed = "scoring_failed"
  case stageCrashed = "stage_crashed"
  case deadline
  case outputRejected = "output_rejected"
  case lowConfidence = "low_confidence"
  case heldForReview = "held_for_review"
  case replyTopicDenied = "reply_topic_denied"

  /// The status code of gRPC that says the same to programs.
  package var code: String {
    switch self {
    case .decodeFailed, .schemaMismatch, .missingField, .notFinite: "INVALID_ARGUMENT"
    case .outOfRange: "OUT_OF_RANGE"
    case .unknownModel, .unknownVersion: "NOT_FOUND"
    case .noLiveRelease: "UNAVAILABLE"
    case .expired, .deadline: "DEADLINE_EXCEEDED"
    case .tooLarge: "RESOURCE_EXHAUSTED"
    case .featuresFailed, .modelFailed, .scoringFailed, .stageCrashed, .outputRejected: "INTERNAL"
    case .lowConfidence, .heldForReview: "FAILED_PRECONDITION"
    case .replyTopicDenied: "PERMISSION_DENIED"
    }
  }

  /// Whether the same request may succeed when it is sent again unchanged.
  package var isRetryable: Bool { self == .noLiveRelease || self == .deadline }
}
