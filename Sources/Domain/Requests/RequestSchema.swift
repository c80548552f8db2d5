/// What a decoder needs to know of a release to turn requests into rows.
///
/// A class, since who reads for it request by request tells it by its identity: make one for a release, not for a request.
package final class RequestSchema: Sendable {
  /// The inputs; input i is column i of the release's `Columns`.
  package let inputs: [InputSpecification]
  /// Names of the outputs that an Open Inference request may choose from.
  package let outputs: [ColumnDescriptor]
  /// What becomes of fields that are none of the inputs.
  package let unknownFields: UnknownFields
  /// Rows that one request may carry.
  package let maximumRows: Int

  /// The schema of a release.
  package init(
    inputs: [InputSpecification], unknownFields: UnknownFields = .ignore, outputs: [ColumnDescriptor],
    maximumRows: Int
  ) {
    self.inputs = inputs
    self.unknownFields = unknownFields
    self.outputs = outputs
    self.maximumRows = maximumRows
  }
}
