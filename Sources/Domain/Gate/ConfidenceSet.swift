/// Labelled inputs and what a release must reach on them, as a manifest declares it.
package struct ConfidenceSet: Sendable, Equatable {
  /// The file inside the release: JSON lines of `{"inputs":{…},"label":…}`, with an optional `cost`.
  package var file: String
  package var metric: Metric
  package var average: Metric.Average
  /// The output that the metric is computed of.
  package var prediction: String
  /// The label that probabilities and binary averages are of.
  package var positiveLabel: Value?
  /// Where the metric must lie, bounds included. Too good is suspicious as well.
  package var acceptableRange: ClosedRange<Double>
  /// The output that holds the class that was decided for, for the costs of errors.
  package var decision: String?
  /// Cost of an error by label and, below it, by decision, both as texts. Pairs that are not listed cost nothing.
  package var cost: [String: [String: Double]]
  /// What the costs of errors may be, as a multiple of the live release's.
  package var maximumCostRatio: Double
  package var slices: [Slice]

  /// A declaration.
  package init(
    file: String, metric: Metric, average: Metric.Average = .binary, prediction: String, positiveLabel: Value? = nil,
    acceptableRange: ClosedRange<Double>, decision: String? = nil, cost: [String: [String: Double]] = [:],
    maximumCostRatio: Double = 1, slices: [Slice] = []
  ) {
    self.file = file
    self.metric = metric
    self.average = average
    self.prediction = prediction
    self.positiveLabel = positiveLabel
    self.acceptableRange = acceptableRange
    self.decision = decision
    self.cost = cost
    self.maximumCostRatio = maximumCostRatio
    self.slices = slices
  }

  /// The rows that share a value of an input: errors should be as rare for each of them.
  package struct Slice: Sendable, Equatable {
    /// The input whose values make the slices.
    package var input: String
    /// Where the metric of each slice must lie; nil for no bound.
    package var acceptableRange: ClosedRange<Double>?
    /// What the best and the worst slice may lie apart; nil for no bound.
    package var maximumGap: Double?
    /// Slices with fewer rows are reported, not judged.
    package var minimumRows: Int

    /// A declaration.
    package init(
      input: String, acceptableRange: ClosedRange<Double>? = nil, maximumGap: Double? = nil, minimumRows: Int = 50
    ) {
      self.input = input
      self.acceptableRange = acceptableRange
      self.maximumGap = maximumGap
      self.minimumRows = minimumRows
    }
  }
}
