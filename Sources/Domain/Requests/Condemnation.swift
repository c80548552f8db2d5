/// Why a record is not scored: the process has crashed each time that it was scored alone.
package struct Condemnation: Sendable, Equatable {
  /// How often the process has crashed, at least `Limits.deathsPerRecord` times.
  package var deaths: UInt8
  /// The signal of the last time.
  package var signal: UInt8

  /// A condemnation.
  package init(deaths: UInt8, signal: UInt8) {
    self.deaths = deaths
    self.signal = signal
  }

  /// For people.
  package var message: String {
    "the worker has crashed \(deaths) times (last by \(Self.name(ofSignal: Int(signal)))) while it was scoring this record "
      + "alone, so that it is not scored any more"
  }

  /// Whether even a look into the record may end the process: it has, after it was scored no more.
  package var isUnreadable: Bool { deaths > Limits.deathsPerRecord }

  /// The name of a signal that a crash ends with, as Linux numbers them on the processors that this is built for.
  package static func name(ofSignal number: Int) -> String {
    switch number {
    case 4: "SIGILL"
    case 5: "SIGTRAP"
    case 6: "SIGABRT"
    case 7: "SIGBUS"
    case 8: "SIGFPE"
    case 11: "SIGSEGV"
    default: "signal \(number)"
    }
  }
}
