/// What becomes of a field of a request that is none of its release's inputs.
package enum UnknownFields: String, Sendable, CaseIterable {
  /// Nothing: producers may add fields before a release reads them.
  case ignore
  /// It fails its row, or its request of tensors: a misspelt name is told and not taken for a missing optional one.
  case reject
}
