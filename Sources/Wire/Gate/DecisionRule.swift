import Domain

/// What tells which class a release decided for in a row, so that the cost of its errors can be counted.
package enum DecisionRule: Sendable, Equatable {
  /// An output that holds the class.
  case output(String)
  /// A probability: from one half on the positive label, else the other one, if costs name it.
  case threshold(output: String, positive: Label, other: String?)

  /// The rule of a set: the output that `decision` names; else the prediction if it is a class; else the only output
  /// that holds classes like the positive label; else the prediction as a probability.
  /// - Returns: nil if nothing tells a decision, as for a regression.
  package init?(_ set: ConfidenceSet, outputs: [OutputSpecification]) {
    if let decision = set.decision {
      self = .output(decision)
      return
    }
    switch set.metric.prediction {
    case .classes: self = .output(set.prediction)
    case .numbers: return nil
    case .probabilities:
      guard let positive = set.positiveLabel.map(Label.init) else { return nil }
      let classes = outputs.map(\.column).filter { $0.holdsClasses && Label.Kind($0.datatype) == positive.kind }
      if classes.count == 1 {
        self = .output(classes[0].name)
      } else {
        let others = Self.labels(set.cost).subtracting([positive.text])
        self = .threshold(output: set.prediction, positive: positive, other: others.count == 1 ? others.first : nil)
      }
    }
  }

  /// The output that is read.
  package var output: String {
    switch self {
    case .output(let name), .threshold(let name, _, _): name
    }
  }

  /// Every label and decision of a matrix of costs.
  static func labels(_ cost: [String: [String: Double]]) -> Set<String> {
    Set(cost.keys).union(cost.values.flatMap(\.keys))
  }
}

extension ColumnDescriptor {
  /// Whether an element of each row is a class without further ado.
  var holdsClasses: Bool {
    width == 1 && (datatype == .bytes || datatype == .int64 || datatype == .bool)
  }
}
