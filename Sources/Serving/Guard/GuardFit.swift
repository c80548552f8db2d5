import Domain

/// Where a guard's rules find their columns: checked once, when the release is loaded.
struct GuardFit: Sendable, Equatable {
  private(set) var safeguard: Int?
  private(set) var confidence: Int?
  private(set) var decision: Int?
  private(set) var movingAverages: [Int] = []
  private(set) var alternatives: Int?

  /// Of no guard.
  init() {}

  /// Finds the columns of a manifest's guard.
  /// - Throws: a `stage_mismatch` that names the rule and what there is.
  init(_ manifest: Manifest, layout: [ColumnDescriptor]) throws(Refusal) {
    guard let rules = manifest.answerGuard else { return }
    for (name, place, mayBeWide) in rules.columns {
      guard let column = layout.first(where: { $0.name == name }) else {
        throw Refusal(
          .stageMismatch,
          "\(place) reads \(name), but no stage makes it; there are \(layout.map(\.name).joined(separator: ", "))")
      }
      let isNumber = column.datatype == .float32 || column.datatype == .float64
      guard isNumber, mayBeWide || column.width == 1 else {
        throw Refusal(
          .stageMismatch, "\(place) needs FP32 or FP64\(mayBeWide ? "" : " of width 1"), but there is \(column)")
      }
    }
    func position(_ name: String?) -> Int? { name.flatMap { name in layout.firstIndex { $0.name == name } } }
    safeguard = position(rules.safeguard?.column)
    confidence = position(rules.confidence?.column)
    decision = position(rules.errorCost?.decision)
    movingAverages = rules.movingAverages.compactMap { position($0.output) }
    alternatives = position(rules.alternatives?.column)
    if let rule = rules.alternatives, let alternatives, layout[alternatives].width != rule.labels.count {
      throw Refusal(
        .stageMismatch,
        "guard.alternatives has \(rule.labels.count) labels, but \(layout[alternatives]) has another width")
    }
  }
}
