import Domain

/// A step that a worker's metrics tell the time of, in the order in which a record goes through them.
enum BenchStep: String, CaseIterable, Sendable {
  case decode
  case features
  case model
  case scoring
  case safeguard
  case guardOutput = "guard"
  case encode
  case produce
  case commit
}
