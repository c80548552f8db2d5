/// What a manifest says of answers that must not be given as if they were certain: its `guard`.
///
/// Outputs that make no sense (not finite, outside of their range or list) are rejected without it. The rules are asked
/// in the order of the properties below; the first one that a row breaks decides what becomes of it.
package struct AnswerGuard: Sendable, Equatable {
  /// A model that predicts where the release errs.
  package var safeguard: SafeguardRule?
  /// How sure the release must be.
  package var confidence: ConfidenceRule?
  /// What its errors may be expected to cost.
  package var errorCost: ErrorCostRule?
  /// Outputs that must stay near their moving average.
  package var movingAverages: [MovingAverageRule]
  /// What stands in place of one uncertain answer.
  package var alternatives: AlternativesRule?
  /// The answer of last resort: by position of the manifest's outputs, one element or as many as the output is wide.
  package var constant: [[Value]]?

  /// A guard; the decoder of manifests checks that its parts fit the outputs.
  package init(
    safeguard: SafeguardRule? = nil, confidence: ConfidenceRule? = nil, errorCost: ErrorCostRule? = nil,
    movingAverages: [MovingAverageRule] = [], alternatives: AlternativesRule? = nil, constant: [[Value]]? = nil
  ) {
    self.safeguard = safeguard
    self.confidence = confidence
    self.errorCost = errorCost
    self.movingAverages = movingAverages
    self.alternatives = alternatives
    self.constant = constant
  }

  /// Columns that the rules read, each with the rule's place in the manifest and the widths and datatypes that it takes.
  package var columns: [(name: String, place: String, isProbabilities: Bool)] {
    var columns: [(name: String, place: String, isProbabilities: Bool)] = []
    if let safeguard { columns.append((safeguard.column, "guard.safeguard.column", false)) }
    if let confidence { columns.append((confidence.column, "guard.confidence.column", !confidence.isBinary)) }
    if let alternatives { columns.append((alternatives.column, "guard.alternatives.column", true)) }
    return columns
  }
}

/// What becomes of an answer that breaks a rule.
package enum GuardAction: String, Sendable, CaseIterable {
  /// No answer is given; the row says why (status `abstained`).
  case abstain
  /// The answer is given with the question whether it can be (status `prompt`).
  case prompt
  /// The most likely answers are given in place of one (status `prompt`).
  case alternatives
  /// The answer counts as rejected: the fallback answers, and without one the row fails.
  case fallBack = "fall_back"
}

/// How sure a release must be of an answer.
package struct ConfidenceRule: Sendable, Equatable {
  /// A column of FP32 or FP64 that a stage makes. Of a vector the largest element is the confidence.
  package var column: String
  /// Whether the column is the probability of one of two classes: then the confidence is the larger one of p and 1 − p.
  package var isBinary: Bool
  /// The lowest confidence that is enough; nil if it only serves to tell what errors cost.
  package var minimum: Double?
  /// What becomes of less.
  package var below: GuardAction

  /// A rule.
  package init(column: String, isBinary: Bool = false, minimum: Double?, below: GuardAction = .abstain) {
    self.column = column
    self.isBinary = isBinary
    self.minimum = minimum
    self.below = below
  }
}

/// What the errors of an answer may be expected to cost: (1 − confidence) × the cost of the action that it leads to.
package struct ErrorCostRule: Sendable, Equatable {
  /// The output that tells the action: BYTES, INT64 or BOOL, width 1.
  package var decision: String
  /// By the text of the output's value. Actions that are not listed have no bound.
  package var actions: [String: Action]

  /// A rule.
  package init(decision: String, actions: [String: Action]) {
    self.decision = decision
    self.actions = actions
  }

  /// One action.
  package struct Action: Sendable, Equatable {
    /// What it costs if the answer is wrong, in the operator's own unit.
    package var cost: Double
    /// The highest expected cost that is acceptable.
    package var maximum: Double
    /// What becomes of a costlier answer.
    package var above: GuardAction

    /// An action.
    package init(cost: Double, maximum: Double, above: GuardAction = .abstain) {
      self.cost = cost
      self.maximum = maximum
      self.above = above
    }
  }
}

/// An output that must stay near its moving average; what leaves it is held for review (status `held`).
package struct MovingAverageRule: Sendable, Equatable {
  /// An output of FP32, FP64 or INT64 and width 1.
  package var output: String
  /// Rows that the average looks back: each new one has the weight 2 ÷ (rows + 1).
  package var rows: Int
  /// How many standard deviations a value may lie off.
  package var deviations: Double
  /// Rows to be seen before anything is held.
  package var minimumRows: Int

  /// A rule.
  package init(output: String, rows: Int = 1000, deviations: Double, minimumRows: Int = 100) {
    self.output = output
    self.rows = rows
    self.deviations = deviations
    self.minimumRows = minimumRows
  }
}

/// A model that predicts where a release errs: the stage `safeguard`, which runs last.
package struct SafeguardRule: Sendable, Equatable {
  /// A column of FP32 or FP64 and width 1 that it makes: how likely the answer is wrong.
  package var column: String
  /// The highest value at which the answer is given.
  package var maximum: Double
  /// What becomes of the others.
  package var above: GuardAction

  /// A rule.
  package init(column: String, maximum: Double, above: GuardAction = .abstain) {
    self.column = column
    self.maximum = maximum
    self.above = above
  }
}

/// The most likely answers.
package struct AlternativesRule: Sendable, Equatable {
  /// A column of probabilities, FP32 or FP64, as wide as there are labels.
  package var column: String
  /// The class of each element.
  package var labels: [Value]
  /// How many are given at most.
  package var count: Int

  /// A rule.
  package init(column: String, labels: [Value], count: Int = 3) {
    self.column = column
    self.labels = labels
    self.count = count
  }
}
