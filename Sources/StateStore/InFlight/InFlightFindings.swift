import Domain

/// What a start has found in the file `in-flight`, for the log.
package struct InFlightFindings: Sendable, Equatable {
  /// Where a file was put that was not this program's, or was damaged.
  package var setAside: String?
  /// The signal that the last process crashed with; nil if it did not.
  package var signal: String?
  /// Records that were being scored at that crash.
  package var newSuspects: Int64 = 0
  /// Records that are scored alone from now on, those of earlier crashes included.
  package var suspects: Int64 = 0
  /// Records that crashed the process while they were scored alone, and are still to be answered.
  package var accused = 0
  /// Those of them that are not scored any more.
  package var condemned = 0
  /// Entries that were cut and are left out.
  package var brokenEntries = 0

  init() {}

  init(_ contents: InFlightContents, _ verdict: CrashVerdict, _ list: SuspectList) {
    signal = contents.crash.map { Condemnation.name(ofSignal: Int($0.signal)) }
    newSuspects = Self.count(verdict.suspects)
    suspects = Self.count(list.ranges.map(\.range))
    accused = list.accused.count
    condemned = list.accused.count { $0.condemnation != nil }
    brokenEntries = contents.brokenEntries
  }

  /// At most: not every offset has a record. Ranges from a file may be of any length.
  private static func count(_ ranges: [OffsetRange]) -> Int64 {
    ranges.reduce(0) { sum, range in
      let (count, overflow) = range.last.subtractingReportingOverflow(range.first)
      return overflow ? .max : sum.addingReportingOverflow(count).overflow ? .max : min(.max - 1, sum + count) + 1
    }
  }
}
