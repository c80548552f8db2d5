import Domain

/// Where answers to the rows of a file are kept.
protocol AnswerOutput: AnyObject {
  /// What was kept before; nil if nothing was.
  func resumed() throws(CommandFailure) -> ResumedAnswers?
  /// Adds answers, in the order of their rows. What was returned from is kept, also if the process ends.
  func append(_ answers: [[UInt8]], first row: Int64) throws(CommandFailure)
  /// Everything was added.
  func finish() throws(CommandFailure)
}

/// Where an earlier run has ended.
struct ResumedAnswers {
  /// The last row that has an answer, from 1.
  var row: Int64
  /// Who made it.
  var identity: ReleaseIdentity
  /// The answer itself.
  var answer: [UInt8]
}
