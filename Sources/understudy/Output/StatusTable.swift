import Domain

/// Every worker for people: a row for each model that it serves or has stopped serving, and below the table where the
/// workers disagree.
struct StatusTable {
  private let statuses: [WorkerStatus]
  private let now: Int64

  /// - Parameter now: milliseconds since 1970.
  init(_ statuses: [WorkerStatus], now: Int64) {
    self.statuses = statuses
    self.now = now
  }

  var text: String {
    guard !statuses.isEmpty else { return "no worker has told its status" }
    var table = TextTable("", "worker", "heard", "model", "live", "gen", "since", "lag", "answered", "errors", "notes")
    let versions = versionsByModel
    for status in statuses {
      for (index, model) in models(of: status).enumerated() {
        let route = status.routes.first { $0.model == model }
        let counters = status.counters
        let answered = Self.sum(ResponseStatus.allCases.compactMap { counters[$0.rawValue] })
        table.add(
          model.map { isOdd(status, $0, versions[$0] ?? []) } ?? false ? "!" : "", status.name, heard(status),
          model ?? "-", route?.version ?? "-", route.map { String($0.generation) } ?? "-",
          route.map { Timestamp.text($0.since / 1000 * 1000) } ?? "-", String(Self.sum(status.lag.values)),
          String(answered), String(counters["error"] ?? 0),
          notes(status, model, isFirst: index == 0).joined(separator: "; "))
      }
    }
    return ([table.text] + disagreements(versions)).joined(separator: "\n")
  }

  /// A sum, or the largest number: anybody may write to the topic.
  private static func sum(_ numbers: some Sequence<Int64>) -> Int64 {
    numbers.reduce(0) { sum, number in
      let (result, isOver) = sum.addingReportingOverflow(max(0, number))
      return isOver ? .max : result
    }
  }

  private func heard(_ status: WorkerStatus) -> String {
    "\(max(0, now - status.updatedAt) / 1000) s ago" + (status.isStale(at: now) ? ", stale" : "")
  }

  /// What a worker serves or has stopped serving; one nil for a worker that does neither.
  private func models(of status: WorkerStatus) -> [String?] {
    let models = Set(status.routes.map(\.model)).union(status.stopped.keys).sorted()
    return models.isEmpty ? [nil] : models
  }

  private func notes(_ status: WorkerStatus, _ model: String?, isFirst: Bool) -> [String] {
    // What is about the whole worker, or about a model without a row, stands in its first row.
    let others = Set(models(of: status).compactMap(\.self))
    func isHere(_ name: String) -> Bool { name == model || isFirst && !others.contains(name) }
    let live = status.releases.first { $0.model == model && $0.step == .live }
    var notes = live?.gate?.isUngated == true ? ["ungated"] : []
    notes += Self.sorted(status.stopped).filter { $0.key == model }.map {
      "\($0.key) \($0.value) stopped: failed its gate"
    }
    notes += Self.sorted(status.held).filter { isHere($0.key) }.map { "held \($0.key): \($0.value)" }
    notes += Self.sorted(status.paused).filter { isHere($0.key) }.map { "paused \($0.key): \($0.value)" }
    return notes
  }

  private static func sorted(_ texts: [String: String]) -> [(key: String, value: String)] {
    texts.sorted { $0.key < $1.key }
  }

  // MARK: Disagreement

  /// A version, or nil for nothing any more, and the workers that serve it.
  private typealias Version = (version: String?, workers: [String])

  /// What is served of each model and by whom, what most serve first. Workers that were not heard of have no voice.
  private var versionsByModel: [String: [Version]] {
    var found: [String: [String?: [String]]] = [:]
    for status in statuses where !status.isStale(at: now) {
      for case let model? in models(of: status) {
        let version = status.routes.first { $0.model == model }?.version
        found[model, default: [:]][version, default: []].append(status.name)
      }
    }
    return found.mapValues { versions in
      versions.map { (version: $0.key, workers: $0.value) }.sorted {
        // Nothing comes last among equals.
        ($1.workers.count, $0.version == nil ? 1 : 0, $0.version ?? "")
          < ($0.workers.count, $1.version == nil ? 1 : 0, $1.version ?? "")
      }
    }
  }

  /// Whether a worker serves another version than most; where as many serve one as another, all are marked. A model that
  /// has stopped is marked in any case.
  private func isOdd(_ status: WorkerStatus, _ model: String, _ versions: [Version]) -> Bool {
    let version = status.routes.first { $0.model == model }?.version
    if version == nil { return true }
    guard !status.isStale(at: now), versions.count > 1 else { return false }
    return versions[0].workers.count == versions[1].workers.count || versions[0].version != version
  }

  private func disagreements(_ versions: [String: [Version]]) -> [String] {
    versions.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map { model, versions in
      "! \(model): "
        + versions.map { entry in
          let isMost = entry.workers.count > 1 && entry.version == versions[0].version
          let workers = isMost ? "\(entry.workers.count) workers" : entry.workers.joined(separator: ", ")
          return "\(entry.version ?? "nothing") on \(workers)"
        }.joined(separator: ", but ")
    }
  }
}
