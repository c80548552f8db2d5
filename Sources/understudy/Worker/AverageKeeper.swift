import Domain
import Logging
import Serving

/// Keeps the moving averages of a worker's outputs in its state, so that a restart goes on where the process ended.
struct AverageKeeper {
  private let repository: any StateRepository
  private let averages: MovingAverages
  private let logger: Logger
  private var kept: [MovingAverages.Key: MovingAverage]
  private var next = ContinuousClock.now

  private static let name = "moving_averages"

  init(_ repository: any StateRepository, _ averages: MovingAverages, _ logger: Logger) {
    self.repository = repository
    self.averages = averages
    self.logger = logger
    kept = averages.snapshot
  }

  /// The averages that were kept last. What cannot be read begins anew: it only takes a while until something is held
  /// again.
  static func restore(_ repository: any StateRepository, _ logger: Logger) -> MovingAverages {
    guard let text = try? repository.value(named: name) else { return MovingAverages() }
    var restored: [MovingAverages.Key: MovingAverage] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "\t", maxSplits: 2).map(String.init)
      guard parts.count == 3, let average = MovingAverage(parts[1]) else {
        logger.warning("a moving average cannot be read and begins anew", metadata: ["line": "\(line.prefix(80))"])
        continue
      }
      restored[.init(model: parts[0], output: parts[2])] = average
    }
    return MovingAverages(restored)
  }

  /// Writes them down if they have moved, and not too often.
  mutating func keep(atOnce: Bool = false) {
    guard atOnce || ContinuousClock.now >= next else { return }
    next = .now + .seconds(Limits.averagesSeconds)
    let current = averages.snapshot
    guard current != kept else { return }
    FailPoint.averaging.reach()
    // The output's name comes last: a line of its own cannot be in it.
    let lines = current.map { "\($0.model)\t\($1)\t\($0.output.replacing("\n", with: " "))" }
    do throws(StateError) {
      try repository.setValue(lines.sorted().joined(separator: "\n"), named: Self.name)
      kept = current
      FailPoint.averaged.reach()
    } catch {
      logger.warning("the moving averages could not be kept", metadata: ["error": "\(error)"])
    }
  }
}
