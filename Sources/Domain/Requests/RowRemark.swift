/// What stands beside, or in place of, the outputs of a row that was answered, but not simply by its release.
package struct RowRemark {
  /// `fallback`, `abstained`, `prompt` or `held`.
  package var status: ResponseStatus
  /// Why, from the closed list.
  package var reason: ResponseReason
  /// Why, for people, with the figures.
  package var message: String
  /// The most likely answers, best first, in place of one.
  package var alternatives: [Alternative]
  /// What answered instead.
  package var substitute: Substitute?

  /// A remark.
  package init(
    _ status: ResponseStatus, _ reason: ResponseReason, _ message: String, alternatives: [Alternative] = [],
    substitute: Substitute? = nil
  ) {
    self.status = status
    self.reason = reason
    self.message = message
    self.alternatives = alternatives
    self.substitute = substitute
  }

  /// A class with its probability.
  package struct Alternative: Sendable, Equatable {
    package var label: Value
    package var probability: Double

    /// An alternative.
    package init(label: Value, probability: Double) {
      self.label = label
      self.probability = probability
    }
  }

  /// The outputs of a fallback. Belongs to the lane, as its columns do.
  package struct Substitute {
    /// The release that answered, or whose manifest has the constant.
    package var model: String
    package var version: String
    /// Whether it is the manifest's constant.
    package var isConstant: Bool
    /// By position of the origin's outputs.
    package var columns: [Column]
    /// The row in all of them.
    package var row: Int

    /// A substitute.
    package init(model: String, version: String, isConstant: Bool, columns: [Column], row: Int) {
      self.model = model
      self.version = version
      self.isConstant = isConstant
      self.columns = columns
      self.row = row
    }
  }
}
