import Logging
import StateStore

/// What the last end of this worker says of the records that it was scoring.
extension Worker {
  static func tell(_ findings: InFlightFindings, _ logger: Logger) {
    if let path = findings.setAside {
      logger.warning(
        "what was in flight when the last process ended cannot be read: the file is another's, another build's or damaged",
        metadata: ["set_aside": "\(path)"])
    }
    if findings.brokenEntries > 0 {
      logger.warning("entries of the file in-flight are damaged", metadata: ["entries": "\(findings.brokenEntries)"])
    }
    if let signal = findings.signal {
      logger.notice(
        "the last process crashed with \(signal); what was being scored then is scored one by one",
        metadata: ["records": "\(findings.newSuspects)"])
    }
    guard findings.suspects > 0 || findings.accused > 0 else { return }
    logger.notice(
      "records under suspicion",
      metadata: [
        "records": "\(findings.suspects)", "crashed_alone": "\(findings.accused)",
        "condemned": "\(findings.condemned)",
      ])
  }
}
