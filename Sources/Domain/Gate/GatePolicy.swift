/// What the operator asks of every release, over and above what it declares itself.
package struct GatePolicy: Sendable, Equatable {
  /// Whether a release without test sets is refused. If not, it serves *ungated*, and events and status say so.
  package var isRequired: Bool
  /// The worst value allowed, by metric: a floor, or a ceiling where less is better.
  package var minimum: [Metric: Double]

  /// A policy.
  package init(isRequired: Bool = true, minimum: [Metric: Double] = [:]) {
    self.isRequired = isRequired
    self.minimum = minimum
  }
}
