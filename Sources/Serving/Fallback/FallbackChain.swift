import Domain

/// Answers the rows that a release has failed, by the steps that the worker's configuration lists for its model.
///
/// Each step is asked for what the ones before could not answer. Another release decodes the request anew, by its own
/// inputs, and must pass its own checks and guard as well as the outputs' checks of the release that it stands in for.
/// Belongs to one lane; made when the first row fails under a routing snapshot.
final class FallbackChain {
  private let release: LoadedRelease
  private let links: [FallbackLink]
  private let metrics: ServingMetrics
  private var requests = RequestTable()

  /// A row that has failed.
  fileprivate struct Candidate {
    /// Its position in the request table.
    var row: Int
    /// The record that it belongs to.
    var request: Int
    /// What the steps so far have said.
    var refusals: [String] = []
  }

  init(_ steps: [FallbackStep], for release: LoadedRelease, _ snapshot: RoutingSnapshot, _ metrics: ServingMetrics) {
    self.release = release
    self.metrics = metrics
    links = steps.map { FallbackLink($0, for: release, snapshot, metrics) }
  }

  /// Answers what it can; the failures of the other rows say what was tried.
  /// - Parameter rows: positions in the table, ascending.
  func answer(
    _ rows: [Int], of batch: borrowing RecordBatch, _ table: inout RequestTable, _ decoder: any RequestDecoder,
    deadline: ContinuousClock.Instant
  ) {
    var left = candidates(rows, table)
    for link in links {
      guard !left.isEmpty else { return }
      switch link {
      case .unusable(let message): for place in left.indices { left[place].refusals.append(message) }
      case .constant(let columns):
        for candidate in left { accept(candidate, link, columns, row: 0, &table) }
        return
      case .release(let scratch, let positions):
        if ContinuousClock.now < deadline {
          left = ask(left, scratch, positions, link, batch, &table, decoder, deadline)
        } else {
          left = left.map { $0.refused("\(link.name): no time was left") }
        }
      }
    }
    for candidate in left { table.addNote(candidate.refusals.joined(separator: "; "), toFailureOf: candidate.row) }
  }

  /// The record of each row, found by the rows of the requests, which ascend.
  private func candidates(_ rows: [Int], _ table: borrowing RequestTable) -> [Candidate] {
    var request = 0
    return rows.map { row in
      while request < table.requests.count, table.requests[request].rows.upperBound <= row { request += 1 }
      return Candidate(row: row, request: request)
    }
  }

  // MARK: Another release

  /// Has another release answer.
  /// - Returns: those that it could not answer, with the reason.
  private func ask(
    _ candidates: [Candidate], _ scratch: ReleaseScratch, _ positions: [Int], _ link: FallbackLink,
    _ batch: borrowing RecordBatch, _ table: inout RequestTable, _ decoder: any RequestDecoder,
    _ deadline: ContinuousClock.Instant
  ) -> [Candidate] {
    scratch.removeAll()
    requests.removeAll()
    let places = decode(candidates, scratch, batch, table, decoder)
    scratch.run(&requests, metrics, .init(deadline: deadline, averages: nil, leavesTime: true))
    let columns = positions.map { scratch.columns[$0] }
    var left: [Candidate] = []
    for (candidate, place) in zip(candidates, places) {
      if let problem = problem(place, columns) {
        left.append(candidate.refused("\(link.name): \(problem)"))
      } else if let row = requests.rows[place].columnRow {
        accept(candidate, link, columns, row: row, &table)
      }
    }
    return left
  }

  /// Decodes the requests of the candidates anew; rows that nobody asks for are decoded and not scored.
  /// - Returns: the position of each candidate's row in `requests.rows`, or of a failed one that says why it has none.
  private func decode(
    _ candidates: [Candidate], _ scratch: ReleaseScratch, _ batch: borrowing RecordBatch,
    _ table: borrowing RequestTable, _ decoder: any RequestDecoder
  ) -> [Int] {
    var places: [Int] = []
    var next = 0
    while next < candidates.count {
      let request = candidates[next].request
      let first = requests.rows.count
      if let value = batch.records[request].value {
        batch.withBytes(value) { bytes in
          decoder.decode(bytes, schema: scratch.release.schema, columns: &scratch.columns, table: &requests)
        }
      }
      let base = table.requests[request].rows.lowerBound
      var wanted: Set<Int> = []
      while next < candidates.count, candidates[next].request == request {
        let place = first + candidates[next].row - base
        if place < requests.rows.count {
          places.append(place)
          wanted.insert(place)
        } else {
          places.append(addFailedRow())
        }
        next += 1
      }
      for row in first..<requests.rows.count where requests.rows[row].columnRow != nil {
        scratch.addOwner(row, isWanted: wanted.contains(row))
      }
    }
    return places
  }

  /// A row for a request that the other release cannot read as a whole.
  private func addFailedRow() -> Int {
    let failure =
      requests.requests.last?.failure ?? requests.addFailure(.decodeFailed, "it reads no such row", stage: .decode)
    requests.rows.append(RequestTable.Row(columnRow: nil, failure: failure))
    return requests.rows.count - 1
  }

  /// Why a row's answer does not pass; nil if it does.
  private func problem(_ place: Int, _ columns: [Column]) -> String? {
    let row = requests.rows[place]
    if let failure = row.failure.map({ requests.failures[$0] }) {
      return "\(failure.reason.rawValue): \(failure.message)"
    }
    if let remark = row.remark.map({ requests.remarks[$0] }) { return "\(remark.reason.rawValue): \(remark.message)" }
    guard let columnRow = row.columnRow else { return "it reads no such row" }
    return release.checks.problem(columns, row: columnRow).map { "output_rejected: \($0)" }
  }

  // MARK: Outcome

  private func accept(
    _ candidate: Candidate, _ link: FallbackLink, _ columns: [Column], row: Int, _ table: inout RequestTable
  ) {
    guard let failure = table.rows[candidate.row].failure.map({ table.failures[$0] }) else { return }
    var substitute = RowRemark.Substitute(
      model: release.identity.model, version: release.identity.version, isConstant: true, columns: columns, row: row)
    if case .release(let scratch, _) = link {
      substitute.model = scratch.release.identity.model
      substitute.version = scratch.release.identity.version
      substitute.isConstant = false
    }
    table.rows[candidate.row].failure = nil
    table.rows[candidate.row].remark = table.addRemark(
      RowRemark(.fallback, failure.reason, failure.message, substitute: substitute))
  }
}

extension FallbackChain.Candidate {
  fileprivate func refused(_ message: String) -> Self {
    var candidate = self
    candidate.refusals.append(message)
    return candidate
  }
}

extension RequestTable {
  fileprivate mutating func addNote(_ note: String, toFailureOf row: Int) {
    guard let position = rows[row].failure, !note.isEmpty else { return }
    let end = "; no fallback could answer: \(note)"
    // A long message leaves room for what was tried.
    let room = max(Limits.errorMessageBytes - end.utf8.count, Limits.errorMessageBytes / 2)
    failures[position].message = failures[position].message.shortened(toBytes: room) + end
  }
}
