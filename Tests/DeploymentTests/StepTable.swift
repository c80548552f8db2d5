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
    announced  | probeDone        | announced
    announced  | loadDone         | announced  |  |  | unload v2
    announced  | gateDone         | announced
    announced  | fetchFailed      | refused    | refused fetch_failed, failed fetch_failed |  | publish, remove v2
    announced  | verifyFailed     | announced
    announced  | probeFailed      | announced
    announced  | loadFailed       | announced
    announced  | gateFailed       | announced
    announced  | fetchTrouble     | announced  | postponed fetch_failed
    announced  | probeTrouble     | announced
    announced  | loadTrouble      | announced
    announced  | gateTrouble      | announced
    announced  | probeBegun       | announced
    announced  | loadBegun        | announced
    announced  | probeBegunOften  | announced
    announced  | loadBegunOften   | announced
    announced  | abandoned        | announced
    announced  | switched         | announced
    announced  | tick             | announced
    announced  | pause            | announced  | applied | applied
    announced  | resume           | announced  | applied | applied
    announced  | readyStale       | announced  | rejected stale_current | rejected
    announced  | readyAgain       | announced  | failed superseded, announced | accepted
    announced  | readyManual      | announced  | failed superseded, announced | accepted
    announced  | readyDryRun      | announced  | applied | applied
    announced  | readyOtherDigest | announced  | rejected immutable_version | rejected
    announced  | rollback         | announced  |  | accepted
    announced  | traffic          | announced  |  | accepted
    announced  | retire           | announced  | rejected unsupported | rejected
    fetched    | fetchDone        | fetched
    fetched    | verifyDone       | verified   | verified
    fetched    | probeDone        | fetched
    fetched    | loadDone         | fetched    |  |  | unload v2
    fetched    | gateDone         | fetched
    fetched    | fetchFailed      | fetched
    fetched    | verifyFailed     | refused    | refused digest_mismatch, failed digest_mismatch |  | publish, remove v2
    fetched    | probeFailed      | fetched
    fetched    | loadFailed       | fetched
    fetched    | gateFailed       | fetched
    fetched    | fetchTrouble     | fetched
    fetched    | probeTrouble     | fetched
    fetched    | loadTrouble      | fetched
    fetched    | gateTrouble      | fetched
    fetched    | probeBegun       | fetched
    fetched    | loadBegun        | fetched
    fetched    | probeBegunOften  | fetched
    fetched    | loadBegunOften   | fetched
    fetched    | abandoned        | fetched
    fetched    | switched         | fetched
    fetched    | tick             | fetched
    fetched    | pause            | fetched    | applied | applied
    fetched    | resume           | fetched    | applied | applied
    fetched    | readyStale       | fetched    | rejected stale_current | rejected
    fetched    | readyAgain       | announced  | failed superseded, announced | accepted
    fetched    | readyManual      | announced  | failed superseded, announced | accepted
    fetched    | readyDryRun      | fetched    | applied | applied
    fetched    | readyOtherDigest | fetched    | rejected immutable_version | rejected
    fetched    | rollback         | fetched    |  | accepted
    fetched    | traffic          | fetched    |  | accepted
    fetched    | retire           | fetched    | rejected unsupported | rejected
    verified   | fetchDone        | verified
    verified   | verifyDone       | verified
    verified   | probeDone        | probed     | probed
    verified   | loadDone         | verified   |  |  | unload v2
    verified   | gateDone         | verified
    verified   | fetchFailed      | verified
    verified   | verifyFailed     | verified
    verified   | probeFailed      | refused    | refused metric_out_of_range, failed metric_out_of_range |  | publish, remove v2
    verified   | loadFailed       | verified
    verified   | gateFailed       | verified
    verified   | fetchTrouble     | verified
    verified   | probeTrouble     | verified   | postponed out_of_memory
    verified   | loadTrouble      | verified
    verified   | gateTrouble      | verified
    verified   | probeBegun       | verified
    verified   | loadBegun        | verified
    verified   | probeBegunOften  | refused    | refused load_failed, failed load_failed |  | publish, remove v2
    verified   | loadBegunOften   | verified
    verified   | abandoned        | verified
    verified   | switched         | verified
    verified   | tick             | verified
    verified   | pause            | verified   | applied | applied
    verified   | resume           | verified   | applied | applied
    verified   | readyStale       | verified   | rejected stale_current | rejected
    verified   | readyAgain       | announced  | failed superseded, announced | accepted
    verified   | readyManual      | announced  | failed superseded, announced | accepted
    verified   | readyDryRun      | verified   | applied | applied
    verified   | readyOtherDigest | verified   | rejected immutable_version | rejected
    verified   | rollback         | verified   |  | accepted
    verified   | traffic          | verified   |  | accepted
    verified   | retire           | verified   | rejected unsupported | rejected
    probed     | fetchDone        | probed
    probed     | verifyDone       | probed
    probed     | probeDone        | probed
    probed     | loadDone         | live       | gated, warmed |  | publish, publish
    probed     | gateDone         | probed
    probed     | fetchFailed      | probed
    probed     | verifyFailed     | probed
    probed     | probeFailed      | probed
    probed     | loadFailed       | refused    | refused load_failed, failed load_failed |  | publish, remove v2
    probed     | gateFailed       | probed
    probed     | fetchTrouble     | probed
    probed     | probeTrouble     | probed
    probed     | loadTrouble      | probed     | postponed out_of_memory
    probed     | gateTrouble      | probed
    probed     | probeBegun       | probed
    probed     | loadBegun        | probed
    probed     | probeBegunOften  | probed
    probed     | loadBegunOften   | refused    | refused load_failed, failed load_failed |  | publish, remove v2
    probed     | abandoned        | probed
    probed     | switched         | probed
    probed     | tick             | probed
    probed     | pause            | probed     | applied | applied
    probed     | resume           | probed     | applied | applied
    probed     | readyStale       | probed     | rejected stale_current | rejected
    probed     | readyAgain       | announced  | failed superseded, announced | accepted
    probed     | readyManual      | announced  | failed superseded, announced | accepted
    probed     | readyDryRun      | probed     | applied | applied
    probed     | readyOtherDigest | probed     | rejected immutable_version | rejected
    probed     | rollback         | probed     |  | accepted
    probed     | traffic          | probed     |  | accepted
    probed     | retire           | probed     | rejected unsupported | rejected
    warm       | fetchDone        | warm
    warm       | verifyDone       | warm
    warm       | probeDone        | warm
    warm       | loadDone         | warm
    warm       | gateDone         | warm       | passed
    warm       | fetchFailed      | warm
    warm       | verifyFailed     | warm
    warm       | probeFailed      | warm
    warm       | loadFailed       | warm
    warm       | gateFailed       | refused    | failed end_to_end_failed, refused end_to_end_failed |  | unload v2, publish, remove v2
    warm       | fetchTrouble     | warm
    warm       | probeTrouble     | warm
    warm       | loadTrouble      | warm
    warm       | gateTrouble      | warm       | postponed out_of_memory
    warm       | probeBegun       | warm
    warm       | loadBegun        | warm
    warm       | probeBegunOften  | warm
    warm       | loadBegunOften   | warm
    warm       | abandoned        | warm
    warm       | switched         | warm
    warm       | tick             | warm
    warm       | pause            | warm       | applied | applied
    warm       | resume           | warm       | applied | applied
    warm       | readyStale       | warm       | rejected stale_current | rejected
    warm       | readyAgain       | live       |  | accepted | publish
    warm       | readyManual      | warm       | applied | applied
    warm       | readyDryRun      | warm       | applied | applied
    warm       | readyOtherDigest | warm       | rejected immutable_version | rejected
    warm       | rollback         | live       |  | accepted | publish
    warm       | traffic          | live       |  | accepted | publish
    warm       | retire           | retired    | retired, applied | applied | unload v2, publish, remove v2
    live       | fetchDone        | live
    live       | verifyDone       | live
    live       | probeDone        | live
    live       | loadDone         | live
    live       | gateDone         | live       | passed
    live       | fetchFailed      | live
    live       | verifyFailed     | live
    live       | probeFailed      | live
    live       | loadFailed       | live
    live       | gateFailed       | refused    | failed end_to_end_failed, refused end_to_end_failed |  | unload v2, publish, remove v2
    live       | fetchTrouble     | live
    live       | probeTrouble     | live
    live       | loadTrouble      | live
    live       | gateTrouble      | live       | postponed out_of_memory
    live       | probeBegun       | live
    live       | loadBegun        | live
    live       | probeBegunOften  | live
    live       | loadBegunOften   | live
    live       | abandoned        | live
    live       | switched         | live
    live       | tick             | live
    live       | pause            | live       | applied | applied
    live       | resume           | live       | applied | applied
    live       | readyStale       | live       | rejected stale_current | rejected
    live       | readyAgain       | live       | applied | applied
    live       | readyManual      | live       | applied | applied
    live       | readyDryRun      | live       | applied | applied
    live       | readyOtherDigest | live       | rejected immutable_version | rejected
    live       | rollback         | live       | applied | applied
    live       | traffic          | live       | applied | applied
    live       | retire           | live       | rejected unsupported | rejected
    stored     | fetchDone        | stored
    stored     | verifyDone       | stored
    stored     | probeDone        | stored
    stored     | loadDone         | stored     | warmed, stored |  | publish, unload v2
    stored     | gateDone         | stored
    stored     | fetchFailed      | stored
    stored     | verifyFailed     | stored
    stored     | probeFailed      | stored
    stored     | loadFailed       | refused    | refused load_failed |  | publish, remove v2
    stored     | gateFailed       | stored
    stored     | fetchTrouble     | stored
    stored     | probeTrouble     | stored
    stored     | loadTrouble      | stored     | postponed out_of_memory
    stored     | gateTrouble      | stored
    stored     | probeBegun       | stored
    stored     | loadBegun        | stored
    stored     | probeBegunOften  | stored
    stored     | loadBegunOften   | refused    | refused load_failed |  | publish, remove v2
    stored     | abandoned        | stored
    stored     | switched         | stored
    stored     | tick             | stored
    stored     | pause            | stored     | applied | applied
    stored     | resume           | stored     | applied | applied
    stored     | readyStale       | stored     | rejected stale_current | rejected
    stored     | readyAgain       | stored     |  | accepted
    stored     | readyManual      | stored     | applied | applied
    stored     | readyDryRun      | stored     | applied | applied
    stored     | readyOtherDigest | stored     | rejected immutable_version | rejected
    stored     | rollback         | stored     |  | accepted
    stored     | traffic          | stored     |  | accepted
    stored     | retire           | retired    | retired, applied | applied | publish, remove v2
    held       | fetchDone        | held
    held       | verifyDone       | held
    held       | probeDone        | held
    held       | loadDone         | warm       | warmed |  | publish
    held       | gateDone         | held
    held       | fetchFailed      | held
    held       | verifyFailed     | held
    held       | probeFailed      | held
    held       | loadFailed       | refused    | refused load_failed |  | publish, remove v2
    held       | gateFailed       | held
    held       | fetchTrouble     | held
    held       | probeTrouble     | held
    held       | loadTrouble      | held       | postponed out_of_memory
    held       | gateTrouble      | held
    held       | probeBegun       | held
    held       | loadBegun        | held
    held       | probeBegunOften  | held
    held       | loadBegunOften   | refused    | refused load_failed |  | publish, remove v2
    held       | abandoned        | held
    held       | switched         | held
    held       | tick             | held
    held       | pause            | held       | applied | applied
    held       | resume           | held       | applied | applied
    held       | readyStale       | held       | rejected stale_current | rejected
    held       | readyAgain       | held       | failed held | failed
    held       | readyManual      | held       | applied | applied
    held       | readyDryRun      | held       | applied | applied
    held       | readyOtherDigest | held       | rejected immutable_version | rejected
    held       | rollback         | held       |  | accepted
    held       | traffic          | held       |  | accepted
    held       | retire           | retired    | retired, applied | applied | publish, remove v2
    superseded | fetchDone        | superseded |  |  | remove v2
    superseded | verifyDone       | superseded |  |  | remove v2
    superseded | probeDone        | superseded |  |  | remove v2
    superseded | loadDone         | superseded |  |  | unload v2, remove v2
    superseded | gateDone         | superseded |  |  | remove v2
    superseded | fetchFailed      | superseded
    superseded | verifyFailed     | superseded
    superseded | probeFailed      | superseded
    superseded | loadFailed       | superseded
    superseded | gateFailed       | superseded
    superseded | fetchTrouble     | superseded
    superseded | probeTrouble     | superseded
    superseded | loadTrouble      | superseded
    superseded | gateTrouble      | superseded
    superseded | probeBegun       | superseded
    superseded | loadBegun        | superseded
    superseded | probeBegunOften  | superseded
    superseded | loadBegunOften   | superseded
    superseded | abandoned        | superseded
    superseded | switched         | superseded
    superseded | tick             | superseded
    superseded | pause            | superseded | applied | applied
    superseded | resume           | superseded | applied | applied
    superseded | readyStale       | superseded | rejected stale_current | rejected
    superseded | readyAgain       | announced  | announced | accepted
    superseded | readyManual      | announced  | announced | accepted
    superseded | readyDryRun      | announced  | announced | accepted
    superseded | readyOtherDigest | superseded | rejected immutable_version | rejected
    superseded | rollback         | announced  | announced | accepted
    superseded | traffic          | announced  | announced | accepted
    superseded | retire           | retired    | retired, applied | applied | publish, remove v2
    refused    | fetchDone        | refused    |  |  | remove v2
    refused    | verifyDone       | refused    |  |  | remove v2
    refused    | probeDone        | refused    |  |  | remove v2
    refused    | loadDone         | refused    |  |  | unload v2, remove v2
    refused    | gateDone         | refused    |  |  | remove v2
    refused    | fetchFailed      | refused
    refused    | verifyFailed     | refused
    refused    | probeFailed      | refused
    refused    | loadFailed       | refused
    refused    | gateFailed       | refused
    refused    | fetchTrouble     | refused
    refused    | probeTrouble     | refused
    refused    | loadTrouble      | refused
    refused    | gateTrouble      | refused
    refused    | probeBegun       | refused
    refused    | loadBegun        | refused
    refused    | probeBegunOften  | refused
    refused    | loadBegunOften   | refused
    refused    | abandoned        | refused
    refused    | switched         | refused
    refused    | tick             | refused
    refused    | pause            | refused    | applied | applied
    refused    | resume           | refused    | applied | applied
    refused    | readyStale       | refused    | rejected stale_current | rejected
    refused    | readyAgain       | announced  | announced | accepted
    refused    | readyManual      | announced  | announced | accepted
    refused    | readyDryRun      | announced  | announced | accepted
    refused    | readyOtherDigest | refused    | rejected immutable_version | rejected
    refused    | rollback         | refused    | rejected unknown_version | rejected
    refused    | traffic          | refused    | rejected unknown_version | rejected
    refused    | retire           | refused    | applied | applied
    retired    | fetchDone        | retired    |  |  | remove v2
    retired    | verifyDone       | retired    |  |  | remove v2
    retired    | probeDone        | retired    |  |  | remove v2
    retired    | loadDone         | retired    |  |  | unload v2, remove v2
    retired    | gateDone         | retired    |  |  | remove v2
    retired    | fetchFailed      | retired
    retired    | verifyFailed     | retired
    retired    | probeFailed      | retired
    retired    | loadFailed       | retired
    retired    | gateFailed       | retired
    retired    | fetchTrouble     | retired
    retired    | probeTrouble     | retired
    retired    | loadTrouble      | retired
    retired    | gateTrouble      | retired
    retired    | probeBegun       | retired
    retired    | loadBegun        | retired
    retired    | probeBegunOften  | retired
    retired    | loadBegunOften   | retired
    retired    | abandoned        | retired
    retired    | switched         | retired
    retired    | tick             | retired
    retired    | pause            | retired    | applied | applied
    retired    | resume           | retired    | applied | applied
    retired    | readyStale       | retired    | rejected stale_current | rejected
    retired    | readyAgain       | announced  | announced | accepted
    retired    | readyManual      | announced  | announced | accepted
    retired    | readyDryRun      | announced  | announced | accepted
    retired    | readyOtherDigest | retired    | rejected immutable_version | rejected
    retired    | rollback         | retired    | rejected unknown_version | rejected
    retired    | traffic          | retired    | rejected unknown_version | rejected
    retired    | retire           | retired    | applied | applied
    """
}
