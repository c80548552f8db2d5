import Domain

/// One step of a model's fallback, ready to answer for one release.
enum FallbackLink {
  /// Another release: its memory, and where it makes each output of the release that it stands in for.
  case release(ReleaseScratch, positions: [Int])
  /// The constant of the release's own manifest, as one row of columns.
  case constant([Column])
  /// Cannot answer, and why.
  case unusable(String)

  /// As messages name it.
  var name: String {
    switch self {
    case .release(let scratch, _): "\(scratch.release.identity)"
    case .constant: "the constant"
    case .unusable: ""
    }
  }

  /// A step for a release, by the routing that holds.
  init(_ step: FallbackStep, for release: LoadedRelease, _ snapshot: RoutingSnapshot, _ metrics: ServingMetrics) {
    switch step {
    case .constant:
      guard let values = release.manifest.answerGuard?.constant else {
        self = .unusable("constant: the manifest has none (guard.constant)")
        return
      }
      self = .constant(Self.columns(release.manifest.outputs.map(\.column), values))
    case .previous:
      guard let previous = snapshot.models[release.identity.model]?.previous, previous !== release else {
        self = .unusable("previous: no earlier release is in memory")
        return
      }
      self.init(previous, for: release, step, metrics)
    case .model(let name):
      guard let other = snapshot.models[name]?.live else {
        self = .unusable("\(step): nothing of it is live")
        return
      }
      self.init(other, for: release, step, metrics)
    }
  }

  /// Who stands in must make the same outputs: that is what requesters read.
  private init(
    _ other: LoadedRelease, for release: LoadedRelease, _ step: FallbackStep, _ metrics: ServingMetrics
  ) {
    var positions: [Int] = []
    for output in release.manifest.outputs {
      guard let place = other.outputs.first(where: { $0.column == output.column }) else {
        self = .unusable("\(step): \(other.identity) makes no output \(output.column)")
        return
      }
      positions.append(place.position)
    }
    let identity = other.identity
    let origin = ResponseOrigin(
      model: identity.model, version: identity.version, worker: nil, generation: 0, outputs: other.outputs)
    self = .release(
      ReleaseScratch(
        other, style: .served, origin: origin, responses: metrics.responses(model: identity.model, version: identity.version)),
      positions: positions)
  }

  private static func columns(_ outputs: [ColumnDescriptor], _ values: [[Value]]) -> [Column] {
    zip(outputs, values).map { output, values in
      let column = Column(output)
      guard column.reserve(rows: 1) else { return column }
      for (index, value) in values.enumerated() { column.set(value, at: index) }
      return column
    }
  }
}
