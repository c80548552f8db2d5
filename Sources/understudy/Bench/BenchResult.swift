import Domain
import Foundation
import Kafka
import Wire

/// How fast everything that lay there was answered.
struct Throughput: Sendable {
  var records: Int
  var rows: Int
  var seconds: Double

  var recordsPerSecond: Double { seconds > 0 ? Double(records) / seconds : 0 }
  var rowsPerSecond: Double { seconds > 0 ? Double(rows) / seconds : 0 }
}

/// How long answers took at a steady rate.
struct SteadyFigures: Sendable {
  var perSecond: Int
  var seconds: Double
  var latency: LatencyFigures
  /// How late requests were sent.
  var late: LatencyHistogram
}

/// What switching releases has cost.
struct SwitchFigures: Sendable {
  /// From the command to the first answer of what it made live.
  var swaps = LatencyHistogram()
  var rollbacks = LatencyHistogram()
  var growth = GrowthTable()
}

/// What a bench against a broker has come to.
struct BenchResult: Sendable {
  let account: BenchAccount
  /// What was measured, and where.
  let releases: [String]
  let broker: String
  let group: String
  let partitions: Int
  let lanes: Int
  let delivery: String
  let requestBytes: Int
  let rows: Int
  var throughput: Throughput?
  var steady: SteadyFigures?
  var switches: SwitchFigures?
  var steps: StepTable?

  init(_ bench: BrokerBench, _ scene: BenchScene, _ account: BenchAccount) {
    self.account = account
    releases = bench.releases.names
    broker = scene.broker
    group = scene.group
    partitions = scene.partitions
    lanes = scene.lanes
    delivery = bench.plan.worker.delivery.rawValue
    requestBytes = bench.releases.requests.averageBytes
    rows = bench.releases.requests.rows
  }

  var isGood: Bool { account.isGood }
}

// MARK: For people

extension BenchResult {
  var text: String {
    var parts = [
      "\(releases.joined(separator: ", ")); broker \(broker), \(partitions) \(partitions == 1 ? "partition" : "partitions"), \(lanes) \(lanes == 1 ? "lane" : "lanes"), \(delivery)\nrequests of \(requestBytes) bytes, \(rows) \(rows == 1 ? "row" : "rows")"
    ]
    if let throughput {
      parts.append(
        "throughput\n  \(throughput.records) records (\(throughput.rows) rows) in \(String(format: "%.2f", throughput.seconds)) s: \(Int(throughput.recordsPerSecond)) records/s, \(Int(throughput.rowsPerSecond)) rows/s"
      )
    }
    if let steady { parts.append(steady.text) }
    if let switches, let steady { parts.append(switches.text(beside: steady.latency)) }
    if let steps {
      parts.append("where the time of a record goes, in \(lanes == 1 ? "the lane" : "all lanes")\n\(steps.text)")
    }
    parts.append(account.text)
    return parts.joined(separator: "\n")
  }
}

extension SteadyFigures {
  var text: String {
    """
    latency at \(perSecond) requests/s for \(String(format: "%.1f", seconds)) s, from when a request was due to its answer in hand (\(latency.all.count) answers)
    \(LatencyPlot.curve(latency.all))
    by time
    \(LatencyPlot.seconds(latency.slices))
    the sender was late by \(late.text)\(isSenderLate ? "\n  THE SENDER IS A GOOD PART OF THESE LATENCIES: this machine is the limit" : "")
    """
  }

  /// Whether what was measured is the machine that measures rather than the worker.
  var isSenderLate: Bool {
    late.milliseconds(percentile: 99) > max(1, latency.all.milliseconds(percentile: 99) / 4)
  }
}

extension SwitchFigures {
  func text(beside latency: LatencyFigures) -> String {
    var lines: [String] = ["from command to the first answer of the release that it made live"]
    if swaps.count > 0 { lines.append("  \(swaps.count) swaps: \(Self.text(swaps))") }
    if rollbacks.count > 0 { lines.append("  \(rollbacks.count) rollbacks: \(Self.text(rollbacks))") }
    lines.append("requests while releases were switched, against the rest of the run")
    lines.append("  switching \(Self.text(latency.switching)) (\(latency.switching.count) answers)")
    lines.append("  steady    \(Self.text(latency.steady)) (\(latency.steady.count) answers)")
    lines.append("  ratio     p50 \(Self.ratioText(latency, 50)), p99 \(Self.ratioText(latency, 99))")
    lines.append(
      "  longest time without an answer: switching \(millisecondText(Double(latency.switchGap) / 1e6)), steady \(millisecondText(Double(latency.steadyGap) / 1e6))"
    )
    if swaps.count > 0 { lines.append("growth over the swaps\n\(growth.text)") }
    return lines.joined(separator: "\n")
  }

  private static func text(_ histogram: LatencyHistogram) -> String {
    "p50 \(millisecondText(histogram.milliseconds(percentile: 50))), p99 \(millisecondText(histogram.milliseconds(percentile: 99))), max \(millisecondText(histogram.maximum))"
  }

  /// How many times longer requests took while releases were switched; nil without both.
  static func ratio(_ latency: LatencyFigures, _ percentile: Double) -> Double? {
    let steady = latency.steady.milliseconds(percentile: percentile)
    guard steady > 0, latency.switching.count > 0 else { return nil }
    return latency.switching.milliseconds(percentile: percentile) / steady
  }

  private static func ratioText(_ latency: LatencyFigures, _ percentile: Double) -> String {
    ratio(latency, percentile).map { String(format: "%.2f", $0) } ?? "–"
  }
}
