import Wire

// For programs.

extension BenchResult {
  var document: JSON {
    var document = JSON.object([
      .init("mode", .text(throughput == nil ? "rate" : "flat_out")), .init("good", .bool(isGood)),
      .init("releases", .array(releases.map { .text($0) })), .init("broker", .text(broker)),
      .init("group", .text(group)),
      .init("partitions", .integer(Int64(partitions))), .init("lanes", .integer(Int64(lanes))),
      .init("delivery", .text(delivery)), .init("request_bytes", .integer(Int64(requestBytes))),
      .init("rows_per_request", .integer(Int64(rows))), .init("account", account.document),
    ])
    if let throughput { document.set("throughput", to: throughput.document) }
    if let steady { document.set("latency", to: steady.document) }
    if let switches, let steady { document.set("switches", to: switches.document(beside: steady.latency)) }
    if let steps {
      document.set("steps", to: steps.document)
      document.set("us_per_record", to: .number(steps.total))
    }
    return document
  }
}

extension Throughput {
  var document: JSON {
    .object([
      .init("records", .integer(Int64(records))), .init("rows", .integer(Int64(rows))),
      .init("seconds", .number(seconds)), .init("records_per_second", .number(recordsPerSecond)),
      .init("rows_per_second", .number(rowsPerSecond)),
    ])
  }
}

extension SteadyFigures {
  var document: JSON {
    .object([
      .init("rate", .integer(Int64(perSecond))), .init("seconds", .number(seconds)),
      .init("all", latency.all.document), .init("sender_late", late.document),
      .init("sender_is_limit", .bool(isSenderLate)),
      .init(
        "by_second",
        .array(
          latency.slices.map { slice in
            .object([
              .init("count", .integer(Int64(slice.count))), .init("p50_ms", .number(slice.median)),
              .init("p99_ms", .number(slice.ninetyNinth)),
            ])
          })),
    ])
  }
}

extension SwitchFigures {
  func document(beside latency: LatencyFigures) -> JSON {
    func optional(_ value: Double?) -> JSON { value.map(JSON.number) ?? .null }
    return .object([
      .init("swaps", swaps.document), .init("rollbacks", rollbacks.document),
      .init("switching", latency.switching.document), .init("steady", latency.steady.document),
      .init("p50_ratio", optional(Self.ratio(latency, 50))), .init("p99_ratio", optional(Self.ratio(latency, 99))),
      .init("longest_gap_switching_ms", .number(Double(latency.switchGap) / 1e6)),
      .init("longest_gap_steady_ms", .number(Double(latency.steadyGap) / 1e6)), .init("growth", growth.document),
    ])
  }
}
