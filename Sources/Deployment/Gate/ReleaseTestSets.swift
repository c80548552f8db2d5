import Domain
import Wire

/// The test sets of a release as they are on disk.
struct ReleaseTestSets {
  /// Nil if none is declared, or it cannot be read.
  private(set) var endToEnd: [EndToEndRow]?
  /// As `endToEnd`.
  private(set) var confidence: [ConfidenceRow]?
  /// What is declared and cannot be read.
  private(set) var problems: [Refusal] = []
  /// What is not declared, for people.
  private(set) var missing: [String] = []

  /// Reads and checks both files.
  init(_ stored: StoredRelease, contents: any ReleaseContents) {
    let reader = TestSetReader(stored.manifest)
    func bytes(_ file: String) throws(Refusal) -> [UInt8] {
      try contents.bytes(of: file, in: stored, limit: Limits.testSetBytes)
    }
    if let set = stored.manifest.endToEndSet {
      do throws(Refusal) { endToEnd = try reader.endToEndRows(bytes(set.file), of: set) } catch {
        problems.append(error)
      }
    } else {
      missing.append("end_to_end_set")
    }
    if let set = stored.manifest.confidenceSet {
      do throws(Refusal) { confidence = try reader.confidenceRows(bytes(set.file), of: set) } catch {
        problems.append(error)
      }
    } else {
      missing.append("confidence_set")
    }
  }

  /// Rows to measure with.
  var contexts: [[UInt8]] {
    let rows = confidence?.prefix(Limits.gateBatchRows).map(\.context) ?? []
    return rows.isEmpty ? endToEnd?.prefix(Limits.gateBatchRows).map(\.context) ?? [] : rows
  }
}
