import Domain

/// The releases that workers know, for people: a row for each release where they agree, else a row for each worker.
struct ReleasesTable {
  private let statuses: [WorkerStatus]
  private let now: Int64

  /// - Parameters:
  ///   - model: only this one.
  ///   - now: milliseconds since 1970.
  init(_ statuses: [WorkerStatus], model: String? = nil, now: Int64) {
    self.statuses = statuses.map { status in
      var status = status
      if let model { status.releases.removeAll { $0.model != model } }
      return status
    }
    self.now = now
  }

  var text: String {
    let entries = entries
    guard !entries.isEmpty else { return "no worker knows a release" }
    var table = TextTable("model", "version", "step", "worker", "since", "command", "gate", "digest", "why")
    for known in entries {
      let isAgreed = known.allSatisfy { Self.isSame($0.release, known[0].release) && !$0.isStale }
      let rows = isAgreed ? known.prefix(1) : known[...]
      for row in rows {
        let release = row.release
        let since = isAgreed ? known.map(\.release.since).min() ?? release.since : release.since
        table.add(
          release.model, release.version, release.step.rawValue, isAgreed ? workers(known) : row.worker,
          Timestamp.text(since / 1000 * 1000), release.commandID, GateFigureText.text(release.gate),
          Self.short(release.digest), Self.why(release))
      }
    }
    return table.text
  }

  private struct Entry {
    var worker: String
    var isStale: Bool
    var release: WorkerStatus.Release
  }

  /// What each worker knows of a release, the releases in the order in which the workers name them: newest first.
  private var entries: [[Entry]] {
    var order: [[String]] = []
    var known: [[String]: [Entry]] = [:]
    for status in statuses {
      let isStale = status.isStale(at: now)
      for release in status.releases {
        let key = [release.model, release.version]
        if known[key] == nil { order.append(key) }
        let worker = isStale ? "\(status.name) (stale)" : status.name
        known[key, default: []].append(Entry(worker: worker, isStale: isStale, release: release))
      }
    }
    return order.compactMap { known[$0] }
  }

  /// Whether two workers say the same. Times differ by little, and messages by what each has measured.
  private static func isSame(_ one: WorkerStatus.Release, _ two: WorkerStatus.Release) -> Bool {
    one.step == two.step && one.digest == two.digest && one.commandID == two.commandID && one.reason == two.reason
      && GateFigureText.text(one.gate) == GateFigureText.text(two.gate)
  }

  private func workers(_ known: [Entry]) -> String {
    let all = statuses.filter { !$0.isStale(at: now) }.count
    if known.count == 1, all == 1 { return known[0].worker }
    return known.count == all
      ? "all \(all) workers" : known.count == 1 ? known[0].worker : "\(known.count) of \(all) workers"
  }

  /// Enough to tell releases apart: twelve digits after the algorithm's name.
  private static func short(_ digest: String) -> String { String(digest.prefix(19)) }

  private static func why(_ release: WorkerStatus.Release) -> String {
    [release.reason?.rawValue, release.message].compactMap(\.self).joined(separator: ": ")
  }
}
