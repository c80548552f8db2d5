/// The requests of one batch as decoded: one entry a record, in input order, and one entry a row.
///
/// The fields of the rows are in the `Columns` of the release that each request was routed to. The table is reused from
/// batch to batch; only failures allocate.
package struct RequestTable {
  /// One for each record of the batch, in its order.
  package var requests: [Request] = []
  /// The rows of all requests, those of one request together and in its order.
  package var rows: [Row] = []
  /// Whole requests' and rows' failures, referred to by position.
  package var failures: [Failure] = []
  /// What stands beside or in place of rows' outputs, referred to by position.
  package var remarks: [RowRemark] = []
  /// Identifiers as they go into answers: JSON, with the quotes of a string.
  package var text: [UInt8] = []
  /// Positions of outputs that Open Inference requests chose.
  package var selectedOutputs: [Int] = []

  /// An empty table.
  package init() {}

  /// Forgets the batch and keeps the memory.
  package mutating func removeAll() {
    requests.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
    failures.removeAll(keepingCapacity: true)
    remarks.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
    selectedOutputs.removeAll(keepingCapacity: true)
  }

  /// Records a failure and returns its position.
  package mutating func addFailure(_ reason: ResponseReason, _ message: String, stage: ProcessingStage) -> Int {
    failures.append(Failure(reason: reason, message: message, stage: stage))
    return failures.count - 1
  }

  /// Records a remark and returns its position.
  package mutating func addRemark(_ remark: RowRemark) -> Int {
    remarks.append(remark)
    return remarks.count - 1
  }

  /// The form of a request's body, which its answer takes too.
  package enum Form: Sendable {
    /// One JSON object with a field per input.
    case context
    /// An array of contexts.
    case array
    /// An Open Inference Protocol body with tensors.
    case openInference
  }

  /// One request.
  package struct Request: Sendable {
    /// Form of the body; `.context` when it could not be told.
    package var form: Form = .context
    /// The request's own `id` in `text`, as JSON; empty if the body had none.
    package var identifier: Range<Int> = 0..<0
    /// Its rows in `rows`.
    package var rows: Range<Int> = 0..<0
    /// The outputs it chose, in `selectedOutputs`; empty means all.
    package var outputs: Range<Int> = 0..<0
    /// Position of the failure of the request as a whole.
    package var failure: Int?

    /// A request without rows.
    package init() {}
  }

  /// One row of a request.
  package struct Row: Sendable {
    /// The row in the release's `Columns`; nil if it failed before it got there.
    package var columnRow: Int?
    /// The row's own `id` (arrays) in `text`, as JSON; empty if it had none.
    package var identifier: Range<Int> = 0..<0
    /// Position of its failure.
    package var failure: Int?
    /// Position of its remark; nil if its outputs stand for themselves.
    package var remark: Int?

    /// A row.
    package init(columnRow: Int?, identifier: Range<Int> = 0..<0, failure: Int? = nil) {
      self.columnRow = columnRow
      self.identifier = identifier
      self.failure = failure
    }
  }

  /// Why a request or a row has no answer.
  package struct Failure: Sendable, Equatable {
    /// The reason from the closed list.
    package var reason: ResponseReason
    /// For people: names the field, the value (shortened) and what was expected.
    package var message: String
    /// Where it happened, for the dead letter.
    package var stage: ProcessingStage
  }
}

/// The step in which a request failed, as dead letters name it.
package enum ProcessingStage: String, Sendable {
  case route = "ROUTE"
  case decode = "DECODE"
  case features = "FEATURES"
  case model = "MODEL"
  case scoring = "SCORING"
  case guardOutput = "GUARD"
  case encode = "ENCODE"
  case reply = "REPLY"
}
