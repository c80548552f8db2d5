import Domain

/// One lane's memory for one release: its columns, and which requests' rows they hold. Reused from batch to batch.
final class ReleaseScratch {
  let release: LoadedRelease
  let origin: ResponseOrigin
  var columns: Columns
  var responses: ResponseCounters
  /// By row of `columns`: the row's position in the request table.
  private(set) var owners: [Int] = []
  /// Rows of `columns` that a stage, the guard or the deadline has failed: what a fallback may answer.
  private(set) var failedRows: [Int] = []
  /// By row of `columns`: whether it is given to no (further) stage. Filled up when the rows are run.
  private var isOut: [Bool] = []
  private let rowGuard: RowGuard?
  private let stages: Range<Int>
  /// Whether what it makes are answers, which must make sense.
  private let isChecked: Bool
  private var rowLimit = TimedLimit(milliseconds: Limits.runMilliseconds, first: Limits.firstRunRows)
  /// Nil where runs take all the rows that they may: for who compares releases, that is fairer than an experiment.
  private var runSize: RunSize?
  /// Runs that failed or were interrupted: what isolating took says nothing of sound rows.
  private var failedRuns = 0
  /// Rows from which on no further request is taken in before these are answered: the columns take bounded memory.
  private let fullAt: Int
  private let mostRows: Int

  /// What a run needs to know of its batch.
  struct Conditions {
    /// When the batch is given up.
    var deadline: ContinuousClock.Instant
    /// The series that outputs are held near; nil where nothing is to be held, or learned.
    var averages: MovingAverages?
    /// Whether others want to have time after it: another release of the batch, or one that is asked in its place.
    var leavesTime: Bool
    /// Until when rows that fail a stage are told from others.
    fileprivate var isolation: ContinuousClock.Instant

    init(deadline: ContinuousClock.Instant, averages: MovingAverages?, leavesTime: Bool) {
      self.deadline = deadline
      self.averages = averages
      self.leavesTime = leavesTime
      isolation = min(deadline, .now + .milliseconds(Limits.isolationMilliseconds))
    }
  }

  init(_ release: LoadedRelease, style: AnswerStyle, origin: ResponseOrigin, responses: ResponseCounters) {
    self.release = release
    self.responses = responses
    self.origin = origin
    stages = 0..<style.stageCount(release)
    isChecked = style != .features
    rowGuard = RowGuard(release)
    columns = Columns(release.fit.layout)
    fullAt = Limits.batchColumnBytes / max(1, columns.rowBytes)
    mostRows = columns.mostRows
    runSize = style == .served ? release.runSize : nil
  }

  /// Whether what it holds is to be answered before it takes more, so that a request of so many bytes finds room for its
  /// rows, each of which has two at least.
  func isFull(beside bytes: Int) -> Bool {
    columns.rowCount > 0
      && (columns.rowCount >= fullAt || columns.rowCount + min(bytes / 2, release.schema.maximumRows) > mostRows)
  }

  func removeAll() {
    columns.removeAll()
    owners.removeAll(keepingCapacity: true)
    failedRows.removeAll(keepingCapacity: true)
    isOut.removeAll(keepingCapacity: true)
  }

  /// Notes whose the row of `columns` is that was decoded last.
  /// - Parameter isWanted: whether it is to be scored at all.
  func addOwner(_ row: Int, isWanted: Bool = true) {
    if !isWanted {
      fillOut(owners.count)
      isOut.append(true)
    }
    owners.append(row)
  }

  private func fillOut(_ count: Int) {
    if isOut.count < count { isOut.append(contentsOf: repeatElement(false, count: count - isOut.count)) }
  }

  /// Runs every stage over the rows, checks what they make, and marks in `table` the rows that fail or are withheld.
  func run(_ table: inout RequestTable, _ metrics: ServingMetrics, _ conditions: Conditions) {
    guard columns.rowCount > 0 else { return }
    fillOut(columns.rowCount)
    var times = [Duration](repeating: .zero, count: release.stages.count)
    var rows = 0..<0
    while rows.upperBound < columns.rowCount {
      let started = ContinuousClock.now
      if started > conditions.deadline {
        giveUp(rows.upperBound..<columns.rowCount, &table)
        break
      }
      let rest = columns.rowCount - rows.upperBound
      let available = runSize?.isGiven == true ? rest : min(rest, rowLimit.value)
      rows = rows.upperBound..<rows.upperBound + (runSize?.rows(of: available) ?? available)
      let failed = failedRuns
      runStages(rows, conditions, &times, &table)
      if failedRuns == failed { note(rows.count, took: started.duration(to: .now), of: available, metrics) }
    }
    for (stage, time) in zip(release.manifest.stages, times) { metrics.observe(stage.role, time) }
    guard isChecked else { return }
    let started = ContinuousClock.now
    check(&table)
    if let rowGuard { judge(rowGuard, conditions.averages, &table) }
    metrics.observeGuard(started.duration(to: .now))
  }

  private func note(_ rows: Int, took duration: Duration, of available: Int, _ metrics: ServingMetrics) {
    rowLimit.note(rows, took: duration)
    guard runSize?.note(rows, took: duration, of: available) ?? false, let runSize else { return }
    // What another lane has found is not given up for half a trial.
    guard !runSize.isTrying || release.runSize.isTrying else { return }
    release.keep(runSize)
    if !runSize.isTrying, let chosen = runSize.chosen { metrics.observe(runRows: chosen, of: release.identity) }
  }

  // MARK: Stages

  private func runStages(
    _ rows: Range<Int>, _ conditions: Conditions, _ times: inout [Duration], _ table: inout RequestTable
  ) {
    var started = ContinuousClock.now
    for index in stages {
      for sound in soundRanges(rows) { run(stage: index, sound, conditions, &table) }
      let now = ContinuousClock.now
      times[index] += started.duration(to: now)
      started = now
    }
  }

  /// Runs a stage; a failure is retried in small pieces, and those by halves, until the rows that cause it are alone.
  /// When the batch is given up nothing is begun any more.
  private func run(
    stage index: Int, _ rows: Range<Int>, _ conditions: Conditions, _ table: inout RequestTable
  ) {
    guard let limit = time(for: rows, conditions) else { return giveUp(rows, &table) }
    do throws(StageFailure) {
      try release.stages[index].run(release.fit.bindings[index], on: columns, rows: rows, within: limit)
    } catch {
      failedRuns += 1
      let isolation = error.isOverTime ? conditions.deadline : conditions.isolation
      guard rows.count > 1, ContinuousClock.now < isolation else { return fail(rows, index, error, &table) }
      if error.isOverTime { rowLimit.noteInterruption() } else { rowLimit.noteFailure() }
      let piece = rows.count > Limits.rowsAfterFailure ? Limits.rowsAfterFailure : (rows.count + 1) / 2
      for start in stride(from: rows.lowerBound, to: rows.upperBound, by: piece) {
        run(stage: index, start..<min(start + piece, rows.upperBound), conditions, &table)
      }
    }
  }

  /// How long a stage may take for the rows, nil if the batch is over. The row that never ends is found by halves, each of
  /// which has the same time, and as much is left for the rows behind it; the last row has all of it, or half if others
  /// want time. What the rows were measured to take they have with patience, and what every run should take.
  private func time(for rows: Range<Int>, _ conditions: Conditions) -> Duration? {
    let left = ContinuousClock.now.duration(to: conditions.deadline)
    guard left > .zero else { return nil }
    let isLastRow = rows.count == 1 && rows.upperBound == columns.rowCount
    let halvings = Int.bitWidth - (rows.count - 1).leadingZeroBitCount
    let share = isLastRow && !conditions.leavesTime ? left : left / (halvings + 2)
    let known = rowLimit.expected(rows.count) * Limits.runPatience
    return max(min(left, max(share, known)), .milliseconds(Limits.runMilliseconds))
  }

  private func fail(_ rows: Range<Int>, _ index: Int, _ failure: StageFailure, _ table: inout RequestTable) {
    let role = release.manifest.stages[index].role
    let reason = failure.isOverTime ? .deadline : role.failureReason
    let message = failure.isOverTime ? failure.message + Self.deadlineKey : failure.message
    for row in rows { fail(row, reason, message, role.processingStage, &table) }
  }

  /// What gives a batch more time, at the end of a message.
  private static let deadlineKey = " (batch.deadline_milliseconds)"
  /// The message of what was not scored, since the batch was given up.
  static let overdue = "the batch could not be scored in its time\(deadlineKey)"

  private func giveUp(_ rows: Range<Int>, _ table: inout RequestTable) {
    for row in rows where !isOut[row] { fail(row, .deadline, Self.overdue, .model, &table) }
  }

  private func fail(
    _ row: Int, _ reason: ResponseReason, _ message: String, _ stage: ProcessingStage, _ table: inout RequestTable
  ) {
    isOut[row] = true
    failedRows.append(row)
    table.rows[owners[row]].failure = table.addFailure(reason, message, stage: stage)
  }

  /// The longest runs of rows that are given to a stage.
  private func soundRanges(_ rows: Range<Int>) -> [Range<Int>] {
    if !isOut[rows].contains(true) { return [rows] }
    var ranges: [Range<Int>] = []
    var start: Int?
    for row in rows {
      if isOut[row] {
        if let begun = start { ranges.append(begun..<row) }
        start = nil
      } else if start == nil {
        start = row
      }
    }
    if let begun = start { ranges.append(begun..<rows.upperBound) }
    return ranges
  }

  // MARK: Checks

  /// The columns of the outputs, in their order.
  var outputColumns: [Column] { origin.outputs.map { columns[$0.position] } }

  /// Rejects outputs that make no sense.
  private func check(_ table: inout RequestTable) {
    let outputs = outputColumns
    for rows in soundRanges(0..<columns.rowCount) {
      release.checks.run(outputs, rows: rows) { row, message in
        if !isOut[row] { fail(row, .outputRejected, message, .guardOutput, &table) }
      }
    }
  }

  /// Asks the guard.
  private func judge(_ rowGuard: RowGuard, _ averages: MovingAverages?, _ table: inout RequestTable) {
    for row in 0..<columns.rowCount where !isOut[row] {
      guard let verdict = rowGuard.verdict(columns, row: row) else { continue }
      withhold(row, verdict, rowGuard, &table)
    }
    guard let averages else { return }
    rowGuard.follow(columns, rows: columns.rowCount, averages, isSound: { !isOut[$0] }) { row, message in
      guard table.rows[owners[row]].remark == nil else { return }
      table.rows[owners[row]].remark = table.addRemark(RowRemark(.held, .heldForReview, message))
    }
  }

  private func withhold(_ row: Int, _ verdict: RowGuard.Verdict, _ rowGuard: RowGuard, _ table: inout RequestTable) {
    let status: ResponseStatus
    var alternatives: [RowRemark.Alternative] = []
    switch verdict.action {
    case .abstain: status = .abstained
    case .prompt: status = .prompt
    case .alternatives:
      alternatives = rowGuard.alternatives(columns, row: row)
      status = alternatives.isEmpty ? .abstained : .prompt
    // Who judges the release wants to see its answer.
    case .fallBack where origin.revealsWithheld: status = .abstained
    case .fallBack: return fail(row, .lowConfidence, verdict.message, .guardOutput, &table)
    }
    table.rows[owners[row]].remark = table.addRemark(
      RowRemark(status, .lowConfidence, verdict.message, alternatives: alternatives))
  }
}

extension StageRole {
  /// What a response says when the stage fails.
  var failureReason: ResponseReason {
    switch self {
    case .features: .featuresFailed
    case .model: .modelFailed
    case .scoring: .scoringFailed
    case .safeguard: .outputRejected
    }
  }

  /// What a dead letter says.
  var processingStage: ProcessingStage {
    switch self {
    case .features: .features
    case .model: .model
    case .scoring: .scoring
    case .safeguard: .guardOutput
    }
  }
}
