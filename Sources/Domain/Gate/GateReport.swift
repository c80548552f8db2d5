/// What the validity gate has found out about a release: the figures, and the refusal if it did not pass.
///
/// The same report goes into events, the state, and the output of `check`. Every list in it has a bound.
package struct GateReport: Sendable, Equatable {
  /// The release has no test sets and the policy lets it through: nothing is known of it.
  package var isUngated: Bool
  /// Nil if the release has no such set.
  package var endToEnd: EndToEnd?
  /// Nil if the release has no such set, or the gate ended before it.
  package var confidence: Confidence?
  /// Comparison with the release that was live; nil if there was none or only the sets were run.
  package var comparison: Comparison?
  /// Time and memory; nil if only the sets were run.
  package var resources: Resources?
  /// Why the release did not pass; nil if it did. The first failure counts, the figures show the others.
  package var refusal: Refusal?

  /// An empty report.
  package init(isUngated: Bool = false) { self.isUngated = isUngated }

  /// Whether the release may serve.
  package var hasPassed: Bool { refusal == nil }

  /// The figures without what they were made of: no failures, no slices, no gaps. What is kept of a release that is
  /// remembered only, so that ten thousand of them stay small.
  package var summary: GateReport {
    var report = self
    report.endToEnd?.failures = []
    report.confidence?.failures = []
    report.confidence?.slices = []
    report.confidence?.gaps = []
    return report
  }

  /// This report with what only an earlier one has measured.
  package func completed(by earlier: GateReport?) -> GateReport {
    var report = self
    report.comparison = comparison ?? earlier?.comparison
    report.resources = resources ?? earlier?.resources
    return report
  }

  /// The end-to-end set.
  package struct EndToEnd: Sendable, Equatable {
    package var rows: Int
    /// Rows with at least one output that is not as expected, or with an error instead of outputs.
    package var failedRows: Int
    /// The first failures, at most `Limits.gateFailuresShown`.
    package var failures: [Failure]

    /// Figures.
    package init(rows: Int, failedRows: Int = 0, failures: [Failure] = []) {
      self.rows = rows
      self.failedRows = failedRows
      self.failures = failures
    }
  }

  /// One thing that is not as it should be.
  package struct Failure: Sendable, Equatable {
    /// Line of the file, from 1.
    package var line: Int
    /// The output; nil if the row as a whole failed.
    package var output: String?
    /// As JSON writes it.
    package var expected: String
    /// As JSON writes it, or the reason and message of the row's error.
    package var found: String

    /// A failure.
    package init(line: Int, output: String?, expected: String, found: String) {
      self.line = line
      self.output = output
      self.expected = expected
      self.found = found
    }
  }

  /// The confidence set.
  package struct Confidence: Sendable, Equatable {
    package var metric: Metric
    /// Nil if rows failed, so that there is no figure, or where the metric is not defined.
    package var value: Double?
    package var acceptableRange: ClosedRange<Double>
    /// The operator's bound for this metric.
    package var operatorMinimum: Double?
    package var rows: Int
    /// Rows that got an error instead of outputs.
    package var failedRows: Int
    /// The first of them, at most `Limits.gateFailuresShown`.
    package var failures: [Failure]
    /// Rows whose answer the release's guard would withhold or mark; the metric is of all rows all the same.
    package var withheldRows: Int
    package var slices: [Slice]
    /// One for each input that makes slices.
    package var gaps: [Gap]

    /// Figures.
    package init(
      metric: Metric, value: Double?, acceptableRange: ClosedRange<Double>, operatorMinimum: Double? = nil, rows: Int,
      failedRows: Int = 0, failures: [Failure] = [], withheldRows: Int = 0, slices: [Slice] = [],
      gaps: [Gap] = []
    ) {
      self.metric = metric
      self.value = value
      self.acceptableRange = acceptableRange
      self.operatorMinimum = operatorMinimum
      self.rows = rows
      self.failedRows = failedRows
      self.failures = failures
      self.withheldRows = withheldRows
      self.slices = slices
      self.gaps = gaps
    }
  }

  /// What the slices of one input lie apart.
  package struct Gap: Sendable, Equatable {
    package var input: String
    /// Slices that were judged, of all.
    package var judgedSlices: Int
    /// All slices, also those that the report has no room for.
    package var slices: Int
    /// Between the best and the worst slice that was judged; nil if fewer than two were.
    package var gap: Double?
    /// Declared bound of it.
    package var maximumGap: Double?
    /// Where the metric of each slice must lie; nil for no bound.
    package var acceptableRange: ClosedRange<Double>?

    /// Figures.
    package init(
      input: String, judgedSlices: Int, slices: Int, gap: Double?, maximumGap: Double?,
      acceptableRange: ClosedRange<Double>?
    ) {
      self.input = input
      self.judgedSlices = judgedSlices
      self.slices = slices
      self.gap = gap
      self.maximumGap = maximumGap
      self.acceptableRange = acceptableRange
    }
  }

  /// The metric on the rows that share a value of an input. At most `Limits.gateSlicesShown`: those that are judged
  /// first, and of them the worst first.
  package struct Slice: Sendable, Equatable {
    package var input: String
    /// The shared value as JSON writes it.
    package var value: String
    package var rows: Int
    /// Nil where the metric is not defined, such as an area under a curve of one class.
    package var metric: Double?
    /// Whether it has rows enough to be judged.
    package var isJudged: Bool

    /// Figures.
    package init(input: String, value: String, rows: Int, metric: Double?, isJudged: Bool) {
      self.input = input
      self.value = value
      self.rows = rows
      self.metric = metric
      self.isJudged = isJudged
    }
  }

  /// The release against the live one, on the release's own confidence set.
  package struct Comparison: Sendable, Equatable {
    /// The live version.
    package var version: String
    /// Its metric on this set; nil if it cannot answer these rows.
    package var metric: Double?
    /// Cost of this release's errors; nil if no costs are declared.
    package var cost: Double?
    /// Cost of the live release's errors.
    package var liveCost: Double?
    /// Declared bound of `cost / liveCost`.
    package var maximumCostRatio: Double?
    /// Why the two cannot be compared, for people.
    package var note: String?

    /// Figures.
    package init(version: String) { self.version = version }
  }

  /// Time and memory, measured in a process of its own.
  package struct Resources: Sendable, Equatable {
    /// Bytes of memory that the release took at most.
    package var peakBytes: Int64?
    /// Microseconds a row in batches, the median of the runs.
    package var rowMicroseconds: Double?
    /// The same of the live release, measured in turns with it.
    package var liveRowMicroseconds: Double?
    /// Declared bound of the one by the other.
    package var maximumSlowdown: Double?
    /// Milliseconds of a request of one row, the median of the runs.
    package var requestMilliseconds: Double?
    /// Declared bound of it.
    package var deadlineMilliseconds: Double?

    /// No figures yet.
    package init() {}
  }
}
