import Domain
import Engines
import Foundation
import Serving
import Wire

/// Answers the rows of a file by the pipeline that serves, and keeps the answers.
///
/// A run that was cut goes on behind the last answer that it kept; that one is made again first, and must be the same:
/// else the file of rows, or the release, is not the one of before.
struct OfflineRun {
  private let options: OfflineOptions
  private let style: AnswerStyle
  private let release: LoadedRelease
  private let runner: OfflineRunner
  private let output: any AnswerOutput
  private let interruption: Interruption
  private var source: RowSource
  private var summary = Summary()
  private var nextProgress = ContinuousClock.now

  /// What a run has done.
  struct Summary {
    /// Rows answered by this run.
    var rows: Int64 = 0
    /// Rows that an earlier run had answered.
    var earlier: Int64 = 0
    var statuses: [ResponseStatus: Int64] = [:]
    var batch = 0
    var tried = BatchSizeSearch(measured: [])
    var seconds = 0.0
    var isComplete = false
  }

  /// Loads the release and opens both files.
  init(
    _ options: OfflineOptions, output path: String, style: AnswerStyle, _ interruption: Interruption
  ) throws {
    self.options = options
    self.style = style
    self.interruption = interruption
    release = try CheckedRelease(
      options.release, loader: OnnxStageLoader(options: OnnxOptions(intraOpThreads: options.threads))
    ).loaded
    runner = OfflineRunner(release, style: style, decoder: JSONRequestDecoder(), encoder: JSONResponseEncoder())
    source = try RowSource(options.input, inputs: release.manifest.inputs, interruption)
    let place = try AnswerPlace(path, input: options.input)
    let isDatabase = [".sqlite", ".sqlite3", ".db"].contains { path.lowercased().hasSuffix($0) }
    let columns = style == .features ? release.modelInputs : release.outputs
    output =
      isDatabase
      ? try AnswerTable(
        place, restarts: options.restart, identity: release.identity,
        member: style == .features ? "features" : "outputs", names: columns.map(\.column.name))
      : try AnswerLines(place, restarts: options.restart)
  }

  /// Runs to the end of the rows, or until it is interrupted between two batches; one that waits for rows ends the process.
  mutating func run() throws(CommandFailure) -> Summary {
    if !source.unusedColumns.isEmpty {
      Terminal.complain("columns that are no input and not used: \(source.unusedColumns.joined(separator: ", "))")
    }
    try skipAnswered()
    let started = ContinuousClock.now
    var waiting = try read(Limits.batchSizes.last ?? 1)
    chooseBatch(waiting)
    while !waiting.isEmpty, !interruption.isRaised {
      try answer(Array(waiting.prefix(summary.batch)))
      waiting.removeFirst(min(summary.batch, waiting.count))
      if waiting.count < summary.batch { waiting += try read(summary.batch) }
      summary.seconds = Double(started.duration(to: .now).nanoseconds) / 1e9
      showProgress()
    }
    try output.finish()
    Terminal.endProgress()
    summary.isComplete = waiting.isEmpty
    return summary
  }

  // MARK: Going on

  private mutating func skipAnswered() throws(CommandFailure) {
    guard let last = try output.resumed() else { return }
    guard last.identity == release.identity else {
      throw .failed(
        "the output holds answers of \(last.identity) (\(last.identity.digest)), this is \(release.identity) (\(release.identity.digest)); use another output, or --restart to replace them"
      )
    }
    var row: [UInt8]?
    while source.rows < last.row {
      row = try source.next()
      guard row != nil else {
        throw .failed(
          "the output holds answers to \(last.row) rows, but the input has \(source.rows); use another output, or --restart"
        )
      }
    }
    guard let row, let again = answers([row], first: last.row - 1).first, again.bytes == last.answer else {
      throw .failed(
        "row \(last.row) is answered otherwise than in the output: the input is not the one of before; use another output, or --restart"
      )
    }
    summary.earlier = last.row
    Terminal.complain("going on behind row \(last.row), which has its answer")
  }

  // MARK: Answering

  private mutating func read(_ count: Int) throws(CommandFailure) -> [[UInt8]] {
    var rows: [[UInt8]] = []
    while rows.count < count, let row = try source.next() { rows.append(row) }
    return rows
  }

  private mutating func chooseBatch(_ sample: [[UInt8]]) {
    switch options.batch {
    case .rows(let rows): summary.batch = rows
    case .auto:
      // A few rows are answered faster than sizes are tried.
      summary.tried =
        sample.count < Limits.batchSizes.last ?? 1
        ? BatchSizeSearch(measured: []) : BatchSizeSearch(runner, sample: sample)
      summary.batch = summary.tried.best
    }
  }

  private func answers(_ rows: [[UInt8]], first: Int64) -> [OfflineRunner.Answer] {
    runner.process(OfflineRunner.batch(rows, source: source.name, first: first))
    return runner.answers
  }

  private mutating func answer(_ rows: [[UInt8]]) throws(CommandFailure) {
    let first = summary.earlier + summary.rows
    let answers = answers(rows, first: first)
    try output.append(answers.map(\.bytes), first: first + 1)
    for answer in answers { summary.statuses[answer.status, default: 0] += 1 }
    summary.rows += Int64(answers.count)
  }

  private mutating func showProgress() {
    guard ContinuousClock.now >= nextProgress else { return }
    nextProgress = .now + .milliseconds(200)
    let share = source.share.map { " (\(Int($0 * 100)) % of the file)" } ?? ""
    Terminal.progress("\(summary.earlier + summary.rows) rows\(share), \(summary.rateText), \(summary.statusText)")
  }
}

extension OfflineRun.Summary {
  /// `81000 rows/s`.
  var rateText: String { "\(seconds > 0 ? Int(Double(rows) / seconds) : 0) rows/s" }

  /// `990 ok, 10 error`.
  var statusText: String {
    ResponseStatus.allCases.compactMap { status in statuses[status].map { "\($0) \(status.rawValue)" } }
      .joined(separator: ", ")
  }

  /// For people.
  func text(_ output: String) -> String {
    var lines = [
      "\(rows) rows in \(String(format: "%.1f", seconds)) s, \(rateText): \(rows == 0 ? "nothing to do" : statusText)"
    ]
    if earlier > 0 { lines.append("\(earlier) rows had their answers before") }
    if !tried.measured.isEmpty {
      let sizes = tried.measured.map { "\($0.rows): \(Int($0.rowsPerSecond))" }.joined(separator: ", ")
      lines.append("batches of \(batch) rows (rows/s by size: \(sizes))")
    }
    if !isComplete { lines.append("interrupted: the same command goes on behind row \(earlier + rows) in \(output)") }
    return lines.joined(separator: "\n")
  }

  /// For programs.
  var json: JSON {
    .object([
      .init("rows", .integer(rows)), .init("earlier_rows", .integer(earlier)), .init("seconds", .number(seconds)),
      .init("batch_rows", .integer(Int64(batch))),
      .init(
        "statuses",
        .object(
          ResponseStatus.allCases.compactMap { status in
            statuses[status].map { .init(status.rawValue, .integer($0)) }
          })),
      .init("complete", .bool(isComplete)),
    ])
  }
}
