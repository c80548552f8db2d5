/// The table: step | input | next step | events by their last word, but `command.accepted` | outcome of the input's
/// command | actions.
enum StepTable {
  struct Row: Equatable, Sendable, CustomStringConvertible {
    var step: String
    var input: String
    var next: String
    var events = ""
    var outcome = ""
    var actions = ""

    var description: String { [step, input, next, events, outcome, actions].joined(separator: " | ") }
  }

  static let rows: [Row] = text.split(separator: "\n").map { line in
    let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { trimmed(String($0)) }
    let padded = cells + Array(repeating: "", count: max(0, 6 - cells.count))
    return Row(
      step: padded[0], input: padded[1], next: padded[2], events: padded[3], outcome: padded[4], actions: padded[5])
  }

  private static func trimmed(_ cell: String) -> String {
    cell.split(separator: " ").joined(separator: " ")
  }

  private static let text = """
    announced  | fetchDone        | fetched    | fetched
    announced  | verifyDone       | announced
    announced  | loadDone         | announced  |  |  | unload v2
    announced  | fetchFailed      | refused    | refused fetch_failed, failed fetch_failed |  | publish, remove v2
    announced  | verifyFailed     | announced
    announced  | loadFailed       | announced
    announced  | readyAgain       | announced  | failed superseded, announced | accepted
    announced  | readyManual      | announced  | failed superseded, announced | accepted
    announced  | readyDryRun      | announced  | applied | applied
    announced  | readyOtherDigest | announced  | rejected immutable_version | rejected
    announced  | rollback         | announced  |  | accepted
    announced  | traffic          | announced  |  | accepted
    announced  | retire           | announced  | rejected unsupported | rejected
    fetched    | fetchDone        | fetched
    fetched    | verifyDone       | verified   | verified
    fetched    | loadDone         | fetched    |  |  | unload v2
    fetched    | fetchFailed      | fetched
    fetched    | verifyFailed     | refused    | refused digest_mismatch, failed digest_mismatch |  | publish, remove v2
    fetched    | loadFailed       | fetched
    fetched    | readyAgain       | announced  | failed superseded, announced | accepted
    fetched    | readyManual      | announced  | failed superseded, announced | accepted
    fetched    | readyDryRun      | fetched    | applied | applied
    fetched    | readyOtherDigest | fetched    | rejected immutable_version | rejected
    fetched    | rollback         | fetched    |  | accepted
    fetched    | traffic          | fetched    |  | accepted
    fetched    | retire           | fetched    | rejected unsupported | rejected
    verified   | fetchDone        | verified
    verified   | verifyDone       | verified
    verified   | loadDone         | live       | warmed |  | publish, publish
    verified   | fetchFailed      | verified
    verified   | verifyFailed     | verified
    verified   | loadFailed       | refused    | refused load_failed, failed load_failed |  | publish, remove v2
    verified   | readyAgain       | announced  | failed superseded, announced | accepted
    verified   | readyManual      | announced  | failed superseded, announced | accepted
    verified   | readyDryRun      | verified   | applied | applied
    verified   | readyOtherDigest | verified   | rejected immutable_version | rejected
    verified   | rollback         | verified   |  | accepted
    verified   | traffic          | verified   |  | accepted
    verified   | retire           | verified   | rejected unsupported | rejected
    warm       | fetchDone        | warm
    warm       | verifyDone       | warm
    warm       | loadDone         | warm
    warm       | fetchFailed      | warm
    warm       | verifyFailed     | warm
    warm       | loadFailed       | warm
    warm       | readyAgain       | live       |  | accepted | publish
    warm       | readyManual      | warm       | applied | applied
    warm       | readyDryRun      | warm       | applied | applied
    warm       | readyOtherDigest | warm       | rejected immutable_version | rejected
    warm       | rollback         | live       |  | accepted | publish
    warm       | traffic          | live       |  | accepted | publish
    warm       | retire           | retired    | retired, applied | applied | unload v2, publish, remove v2
    live       | fetchDone        | live
    live       | verifyDone       | live
    live       | loadDone         | live
    live       | fetchFailed      | live
    live       | verifyFailed     | live
    live       | loadFailed       | live
    live       | readyAgain       | live       | applied | applied
    live       | readyManual      | live       | applied | applied
    live       | readyDryRun      | live       | applied | applied
    live       | readyOtherDigest | live       | rejected immutable_version | rejected
    live       | rollback         | live       | applied | applied
    live       | traffic          | live       | applied | applied
    live       | retire           | live       | rejected unsupported | rejected
    stored     | fetchDone        | stored
    stored     | verifyDone       | stored
    stored     | loadDone         | stored     | warmed, stored |  | publish, unload v2
    stored     | fetchFailed      | stored
    stored     | verifyFailed     | stored
    stored     | loadFailed       | refused    | refused load_failed |  | publish, remove v2
    stored     | readyAgain       | stored     |  | accepted
    stored     | readyManual      | stored     | applied | applied
    stored     | readyDryRun      | stored     | applied | applied
    stored     | readyOtherDigest | stored     | rejected immutable_version | rejected
    stored     | rollback         | stored     |  | accepted
    stored     | traffic          | stored     |  | accepted
    stored     | retire           | retired    | retired, applied | applied | publish, remove v2
    held       | fetchDone        | held
    held       | verifyDone       | held
    held       | loadDone         | warm       | warmed |  | publish
    held       | fetchFailed      | held
    held       | verifyFailed     | held
    held       | loadFailed       | refused    | refused load_failed |  | publish, remove v2
    held       | readyAgain       | held       | failed held | failed
    held       | readyManual      | held       | applied | applied
    held       | readyDryRun      | held       | applied | applied
    held       | readyOtherDigest | held       | rejected immutable_version | rejected
    held       | rollback         | held       |  | accepted
    held       | traffic          | held       |  | accepted
    held       | retire           | retired    | retired, applied | applied | publish, remove v2
    superseded | fetchDone        | superseded |  |  | remove v2
    superseded | verifyDone       | superseded |  |  | remove v2
    superseded | loadDone         | superseded |  |  | unload v2, remove v2
    superseded | fetchFailed      | superseded
    superseded | verifyFailed     | superseded
    superseded | loadFailed       | superseded
    superseded | readyAgain       | announced  | announced | accepted
    superseded | readyManual      | announced  | announced | accepted
    superseded | readyDryRun      | announced  | announced | accepted
    superseded | readyOtherDigest | superseded | rejected immutable_version | rejected
    superseded | rollback         | superseded | rejected unknown_version | rejected
    superseded | traffic          | superseded | rejected unknown_version | rejected
    superseded | retire           | superseded | applied | applied
    refused    | fetchDone        | refused    |  |  | remove v2
    refused    | verifyDone       | refused    |  |  | remove v2
    refused    | loadDone         | refused    |  |  | unload v2, remove v2
    refused    | fetchFailed      | refused
    refused    | verifyFailed     | refused
    refused    | loadFailed       | refused
    refused    | readyAgain       | announced  | announced | accepted
    refused    | readyManual      | announced  | announced | accepted
    refused    | readyDryRun      | announced  | announced | accepted
    refused    | readyOtherDigest | refused    | rejected immutable_version | rejected
    refused    | rollback         | refused    | rejected unknown_version | rejected
    refused    | traffic          | refused    | rejected unknown_version | rejected
    refused    | retire           | refused    | applied | applied
    retired    | fetchDone        | retired    |  |  | remove v2
    retired    | verifyDone       | retired    |  |  | remove v2
    retired    | loadDone         | retired    |  |  | unload v2, remove v2
    retired    | fetchFailed      | retired
    retired    | verifyFailed     | retired
    retired    | loadFailed       | retired
    retired    | readyAgain       | announced  | announced | accepted
    retired    | readyManual      | announced  | announced | accepted
    retired    | readyDryRun      | announced  | announced | accepted
    retired    | readyOtherDigest | retired    | rejected immutable_version | rejected
    retired    | rollback         | retired    | rejected unknown_version | rejected
    retired    | traffic          | retired    | rejected unknown_version | rejected
    retired    | retire           | retired    | applied | applied
    """
}
