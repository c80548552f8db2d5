/// The headers that a dead letter has behind the request's own, in their order: written by `AnswerWriter`, read and
/// taken off again by `DeadLetter`.
enum DeadLetterHeader {
  static let topic: StaticString = "__connect.errors.topic"
  static let partition: StaticString = "__connect.errors.partition"
  static let offset: StaticString = "__connect.errors.offset"
  static let stage: StaticString = "__connect.errors.stage"
  static let exceptionClass: StaticString = "__connect.errors.exception.class.name"
  static let exceptionMessage: StaticString = "__connect.errors.exception.message"
  static let reason: StaticString = "x-error-reason"
  static let modelVersion: StaticString = "x-model-version"
  static let failedAt: StaticString = "x-failed-at"
  /// What of the request was left out, because the dead-letter topic could not take it: `value`, or `envelope` for key,
  /// headers and value.
  static let truncated: StaticString = "x-truncated"
}
