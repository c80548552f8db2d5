import CoreMetrics
import Synchronization

/// A number that several threads change without a lock.
final class AtomicNumber: Sendable {
  private let bits = Atomic<UInt64>(0)

  var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

  func add(_ amount: Double) {
    var old = bits.load(ordering: .relaxed)
    while true {
      let new = (Double(bitPattern: old) + amount).bitPattern
      let (exchanged, original) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
      if exchanged { return }
      old = original
    }
  }
}

/// A whole number that several threads add to without a lock.
final class AtomicCount: Sendable {
  private let count = Atomic<Int64>(0)

  var value: Int64 { count.load(ordering: .relaxed) }

  /// Adds, and wraps around after some hundred years.
  func add(_ amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }

  func reset() { count.store(0, ordering: .relaxed) }
}

/// A counter: only grows, and begins at zero with the process.
final class PrometheusCounter: CounterHandler, FloatingPointCounterHandler, Sendable {
  private let whole = AtomicCount()
  private let fraction = AtomicNumber()

  var value: Double { Double(whole.value) + fraction.value }

  func increment(by amount: Int64) { if amount > 0 { whole.add(amount) } }

  func increment(by amount: Double) { if amount > 0, amount.isFinite { fraction.add(amount) } }

  func reset() {
    whole.reset()
    fraction.set(0)
  }
}

/// A gauge: what was set last.
final class PrometheusGauge: MeterHandler, RecorderHandler, Sendable {
  private let number = AtomicNumber()

  var value: Double { number.value }

  func set(_ value: Int64) { number.set(Double(value)) }
  func set(_ value: Double) { number.set(value) }
  func increment(by amount: Double) { number.add(amount) }
  func decrement(by amount: Double) { number.add(-amount) }
  func record(_ value: Int64) { number.set(Double(value)) }
  func record(_ value: Double) { number.set(value) }
}

/// A histogram: counts observations by bucket, without a lock.
///
/// A reader that comes between two additions sees one of them; the count is the sum of the buckets, so that those two
/// always agree.
package final class PrometheusHistogram: TimerHandler, RecorderHandler, Sendable {
  /// Upper bounds of the buckets, ascending, without +Inf.
  package let bounds: [Double]
  private let counts: [AtomicCount]
  private let sum = AtomicNumber()

  init(bounds: [Double]) {
    self.bounds = bounds
    counts = (0...bounds.count).map { _ in AtomicCount() }
  }

  var value: MetricFamily.Histogram {
    MetricFamily.Histogram(bounds: bounds, counts: counts.map(\.value), sum: sum.value)
  }

  package func recordNanoseconds(_ duration: Int64) { record(Double(max(0, duration)) / 1e9) }

  package func record(_ value: Int64) { record(Double(value)) }

  package func record(_ value: Double) {
    // What is no number has no bucket, and would spoil the sum for ever.
    guard value.isFinite else { return }
    var bucket = 0
    while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
    counts[bucket].add(1)
    sum.add(value)
  }

  /// Adds many observations at once.
  /// - Parameter added: by bucket, one more than there are bounds; else nothing is added.
  package func add(_ added: [Int64], sum total: Double) {
    guard added.count == counts.count else { return }
    for (count, amount) in zip(counts, added) where amount > 0 { count.add(amount) }
    sum.add(total)
  }
}
