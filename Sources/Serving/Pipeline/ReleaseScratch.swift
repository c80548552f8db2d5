import Domain

/// One lane's memory for one release: its columns, and which requests' rows they hold. Reused from batch to batch.
final class ReleaseScratch {
  let release: LoadedRelease
  let origin: ResponseOrigin
  var columns: Columns
  var responses: ResponseCounters
  /// By row of `columns`: the row's position in the request table.
  var owners: [Int] = []
  /// By row of `columns`: whether a stage or the guard has failed it.
  private var hasFailed: [Bool] = []

  init(_ release: LoadedRelease, worker: String, generation: Int, responses: ResponseCounters) {
    self.release = release
    self.responses = responses
    origin = ResponseOrigin(
      model: release.identity.model, version: release.identity.version, worker: worker, generation: generation,
      outputs: release.outputs)
    columns = Columns(release.fit.layout)
  }

  func removeAll() {
    columns.removeAll()
    owners.removeAll(keepingCapacity: true)
    hasFailed.removeAll(keepingCapacity: true)
  }

  /// Milliseconds that isolating poisonous rows may take in one batch before the rest is given up.
  private static let isolationMilliseconds = 2000

  /// Runs every stage over the rows and marks in `table` those that fail.
  func run(_ table: inout RequestTable, _ metrics: ServingMetrics) {
    guard columns.rowCount > 0 else { return }
    hasFailed = Array(repeating: false, count: columns.rowCount)
    let deadline = ContinuousClock.now + .milliseconds(Self.isolationMilliseconds)
    var started = ContinuousClock.now
    func sinceStart() -> Duration {
      let now = ContinuousClock.now
      defer { started = now }
      return started.duration(to: now)
    }
    for index in release.stages.indices {
      for rows in soundRanges() { run(stage: index, rows, deadline, &table) }
      metrics.observe(release.manifest.stages[index].role, sinceStart())
    }
    rejectOutputsNotFinite(&table)
    metrics.observeGuard(sinceStart())
  }

  /// Runs a stage; a failure is retried by halves until the rows that cause it are alone.
  private func run(
    stage index: Int, _ rows: Range<Int>, _ deadline: ContinuousClock.Instant, _ table: inout RequestTable
  ) {
    do throws(StageFailure) {
      try release.stages[index].run(release.fit.bindings[index], on: columns, rows: rows)
    } catch {
      if rows.count > 1, ContinuousClock.now < deadline {
        let middle = rows.lowerBound + rows.count / 2
        run(stage: index, rows.lowerBound..<middle, deadline, &table)
        run(stage: index, middle..<rows.upperBound, deadline, &table)
      } else {
        let role = release.manifest.stages[index].role
        for row in rows { fail(row, role.failureReason, error.message, role.processingStage, &table) }
      }
    }
  }

  private func fail(
    _ row: Int, _ reason: ResponseReason, _ message: String, _ stage: ProcessingStage, _ table: inout RequestTable
  ) {
    hasFailed[row] = true
    table.rows[owners[row]].failure = table.addFailure(reason, message, stage: stage)
  }

  /// The longest runs of rows that have not failed.
  private func soundRanges() -> [Range<Int>] {
    if !hasFailed.contains(true) { return [0..<columns.rowCount] }
    var ranges: [Range<Int>] = []
    var start: Int?
    for row in 0..<columns.rowCount {
      if hasFailed[row] {
        if let begun = start { ranges.append(begun..<row) }
        start = nil
      } else if start == nil {
        start = row
      }
    }
    if let begun = start { ranges.append(begun..<columns.rowCount) }
    return ranges
  }

  private func rejectOutputsNotFinite(_ table: inout RequestTable) {
    for output in origin.outputs where output.column.datatype == .float32 || output.column.datatype == .float64 {
      let column = columns[output.position]
      let width = output.column.width
      for element in 0..<columns.rowCount * width {
        let isFinite =
          output.column.datatype == .float32
          ? column.float32(at: element).isFinite : column.float64(at: element).isFinite
        if !isFinite, !hasFailed[element / width] {
          let message = "\(output.column.name): the release made a number that is not finite"
          fail(element / width, .outputRejected, message, .guardOutput, &table)
        }
      }
    }
  }
}

extension StageRole {
  /// What a response says when the stage fails.
  var failureReason: ResponseReason {
    switch self {
    case .features: .featuresFailed
    case .model: .modelFailed
    case .scoring: .scoringFailed
    }
  }

  /// What a dead letter says.
  var processingStage: ProcessingStage {
    switch self {
    case .features: .features
    case .model: .model
    case .scoring: .scoring
    }
  }
}
