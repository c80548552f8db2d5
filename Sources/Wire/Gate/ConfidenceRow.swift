import Domain

/// One line of a confidence set.
package struct ConfidenceRow: Sendable, Equatable {
  /// From 1.
  package let line: Int
  /// The inputs as a request's body.
  package let context: [UInt8]
  package let label: Label
  /// The label of a metric of numbers.
  package let number: Double?
  /// What getting this row wrong costs; nil for what the matrix of costs says.
  package let cost: Double?
  /// For each slice that the manifest declares the value of its input, as JSON writes it.
  package let slices: [String]
}

extension ConfidenceSet {
  /// What labels have to be.
  func labelKind(_ outputs: [OutputSpecification]) -> Label.Kind? {
    switch metric.prediction {
    case .classes: outputs.first { $0.column.name == prediction }.map { Label.Kind($0.column.datatype) }
    case .probabilities: positiveLabel.map { Label($0).kind }
    case .numbers: .number
    }
  }
}
