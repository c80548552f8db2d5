import CoreMetrics
import Domain
import Synchronization

/// Counts what becomes of releases, and how long it took, from the moves that the control path records.
package final class SwapMetrics: Sendable {
  private let metrics: PrometheusMetrics
  /// Milliseconds since 1970 by command that is on its way.
  private let accepted = Mutex<[String: Int64]>([:])

  private enum Result: String, CaseIterable {
    case ok
    case refused
    case rolledBack = "rolled_back"
  }

  /// Counters at zero for the models that are known from the configuration.
  package init(_ metrics: PrometheusMetrics, models: [String]) {
    self.metrics = metrics
    for model in models { for result in Result.allCases { _ = counter(model, result) } }
  }

  /// Takes a recorded move. Called on the controller's thread.
  package func observe(_ change: StateChange) {
    for event in change.events {
      guard let model = event.model else { continue }
      switch event.type {
      case .commandAccepted: remember(event)
      case .releaseRefused: counter(model, .refused).increment()
      case .releaseLive:
        let activation = change.state.models[model]?.activations.last { $0.generation == event.generation }
        counter(model, activation?.kind == .rollback ? .rolledBack : .ok).increment()
        observeTimes(of: event, model)
      default: break
      }
    }
  }

  private func observeTimes(of event: Event, _ model: String) {
    for (phase, milliseconds) in event.timings { timer(model, phase).recordMilliseconds(milliseconds) }
    guard let id = event.commandID, let start = accepted.withLock({ $0.removeValue(forKey: id) }) else { return }
    timer(model, "total").recordMilliseconds(max(0, event.time - start))
  }

  private func remember(_ event: Event) {
    guard let id = event.commandID else { return }
    accepted.withLock { accepted in
      // Commands that end otherwise leave their entries behind; what is measured are the newest.
      if accepted.count >= Limits.commandsTimed { accepted.removeAll() }
      accepted[id] = event.time
    }
  }

  private func counter(_ model: String, _ result: Result) -> Counter {
    Counter(
      label: MetricName.modelSwaps.rawValue, dimensions: [("model", model), ("result", result.rawValue)],
      factory: metrics)
  }

  private func timer(_ model: String, _ phase: String) -> Timer {
    Timer(
      label: MetricName.modelSwapDuration.rawValue, dimensions: [("model", model), ("phase", phase)], factory: metrics)
  }
}
