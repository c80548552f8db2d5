import AdminAPI
import Domain
import Foundation
import Wire

/// What a worker's metrics and the kernel say at one moment.
struct BenchSnapshot: Sendable {
  /// Nanoseconds since the bench began.
  let time: Int64
  let steps: StepTimes
  /// Records whose answers were committed.
  let committed: Int
  let residentBytes: Double
  let threads: Double
  let openFiles: Double

  init(_ families: [MetricFamily], at time: Int64) {
    self.time = time
    steps = StepTimes(families)
    func number(_ name: MetricName) -> Double {
      families.first { $0.name == name.rawValue }?.series.reduce(0) { sum, series in
        if case .number(let value) = series.value { sum + value } else { sum }
      } ?? 0
    }
    committed = Int(number(.recordsConsumed))
    residentBytes = number(.processResident)
    threads = number(.processThreads)
    openFiles = number(.processOpenFiles)
  }

  /// Microseconds of all steps for each record since an earlier moment.
  func microseconds(since earlier: BenchSnapshot) -> Double {
    let records = committed - earlier.committed
    return records > 0 ? steps.since(earlier.steps).total * 1e6 / Double(records) : 0
  }
}

/// How what a process holds, and what a record takes, changes over many switches.
struct GrowthTable: Sendable {
  /// After so many switches.
  private(set) var points: [(switches: Int, snapshot: BenchSnapshot)] = []

  mutating func add(_ snapshot: BenchSnapshot, after switches: Int) { points.append((switches, snapshot)) }

  private var lines: [(switches: Int, snapshot: BenchSnapshot, microseconds: Double?)] {
    points.indices.map { index in
      let (switches, snapshot) = points[index]
      return (switches, snapshot, index > 0 ? snapshot.microseconds(since: points[index - 1].snapshot) : nil)
    }
  }

  var text: String {
    var table = TextTable("  after swaps", "memory", "threads", "files", "a record since")
    for line in lines {
      table.add(
        "  \(line.switches)", byteText(Int64(line.snapshot.residentBytes)), "\(Int(line.snapshot.threads))",
        "\(Int(line.snapshot.openFiles))", line.microseconds.map { String(format: "%.1f µs", $0) } ?? "–")
    }
    return table.text
  }

  var document: JSON {
    .array(
      lines.map { line in
        .object([
          .init("swaps", .integer(Int64(line.switches))),
          .init("resident_bytes", .integer(Int64(line.snapshot.residentBytes))),
          .init("threads", .integer(Int64(line.snapshot.threads))),
          .init("open_files", .integer(Int64(line.snapshot.openFiles))),
          .init("us_per_record", line.microseconds.map(JSON.number) ?? .null),
        ])
      })
  }
}
