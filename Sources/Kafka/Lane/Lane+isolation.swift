import Domain
import Logging

/// Records that the process may have crashed for are answered one at a time, so that a crash tells which one it was.
extension Lane {
  /// Looks at the record gathered last. While nothing is under suspicion this is one load.
  func isolateIfSuspect() {
    guard let journal, journal.hasSuspects, let record = batch.records.last else { return }
    let topic = batch.topics[record.topic]
    switch journal.suspicion(of: record, topic: topic) {
    case .none: return
    case .suspect(let deaths):
      batch.isolateLast(condemnation: nil)
      noteIsolated("\(topic)-\(record.partition)", record.offset, deaths: deaths)
    case .condemned(let condemnation):
      // Alone too: should even the answer to it end the process, that is its death and no neighbour's.
      batch.isolateLast(condemnation: condemnation)
      logger.notice(
        "a record is not scored: \(condemnation.message)",
        metadata: [
          "lane": "\(configuration.number)", "partition": "\(topic)-\(record.partition)", "offset": "\(record.offset)",
        ])
    }
    isIsolating = true
  }

  /// The first one and those that crashed the process alone are told; of the others there may be thousands.
  private func noteIsolated(_ partition: String, _ offset: Int64, deaths: Int) {
    guard deaths > 0 || !isolation.hasBegun else { return }
    isolation.hasBegun = true
    logger.notice(
      deaths > 0
        ? "scoring a record alone that has crashed the worker before"
        : "scoring records alone that were in flight at a crash",
      metadata: [
        "lane": "\(configuration.number)", "partition": "\(partition)", "offset": "\(offset)", "deaths": "\(deaths)",
      ])
  }
}

/// What was said of isolation so far.
struct IsolationLog {
  /// Whether it was said that records are scored alone.
  var hasBegun = false
}
