import ArgumentParser
import Domain

/// What an operator asks of a release over and above what it declares.
struct GatePolicyOptions: ParsableArguments {
  @Option(
    help:
      "What a worker's operator asks for, METRIC=BOUND: a floor, or a ceiling where less is better. May be given for several metrics.",
    transform: MetricBound.init(argument:))
  var minimum: [MetricBound] = []

  @Flag(help: "Let a release without test sets pass, as `gate.policy: optional` does.")
  var allowUngated = false

  var policy: GatePolicy {
    GatePolicy(
      isRequired: !allowUngated,
      minimum: Dictionary(minimum.map { ($0.metric, $0.bound) }, uniquingKeysWith: { $1 }))
  }
}
