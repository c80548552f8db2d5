import Domain
import Logging
import Synchronization

/// A log that nobody can flood, and in which nobody can write lines of their own.
///
/// Each place in the code may write `Limits.logBurst` lines at once and `Limits.logLinesPerSecond` from then on; the next
/// line that it may write says how many were left out. Characters that control a terminal or end a line are escaped: a
/// text in a log may come from whoever may write to a topic. Lines of `debug` and below, which somebody has asked for,
/// are not counted.
struct BoundedLogHandler: LogHandler {
  private var handler: any LogHandler
  private let budget: LogBudget

  init(_ handler: any LogHandler, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.handler = handler
    budget = LogBudget(now: now)
  }

  var logLevel: Logger.Level {
    get { handler.logLevel }
    set { handler.logLevel = newValue }
  }

  var metadata: Logger.Metadata {
    get { handler.metadata }
    set { handler.metadata = newValue.mapValues(Self.escaped) }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { handler[metadataKey: key] }
    set { handler[metadataKey: key] = newValue.map(Self.escaped) }
  }

  func log(event: LogEvent) {
    var metadata = event.metadata?.mapValues(Self.escaped)
    if event.level > .debug {
      guard let leftOut = budget.take(place: "\(event.file):\(event.line)") else { return }
      if leftOut > 0 { metadata = (metadata ?? [:]).merging(["left_out": "\(leftOut)"]) { $1 } }
    }
    var event = event
    event.message = "\(Self.escaped(event.message.description))"
    event.metadata = metadata
    handler.log(event: event)
  }

  private static func escaped(_ value: Logger.MetadataValue) -> Logger.MetadataValue {
    switch value {
    case .string(let text): .string(escaped(text))
    case .stringConvertible(let value): .string(escaped(value.description))
    case .array(let values): .array(values.map(escaped))
    case .dictionary(let values): .dictionary(values.mapValues(escaped))
    }
  }

  /// A text on one line: control characters (C0, DEL, C1) and Unicode's own ends of lines as `\u{…}`.
  static func escaped(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isControl(scalar) {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
      // Marks that turn the direction of what follows.
      || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
  }
}

/// How many lines each place in the code may still write. Places are as many as there are in the code.
final class LogBudget: Sendable {
  private struct Account {
    var lines: Double
    var filled: ContinuousClock.Instant
    var leftOut = 0
  }

  private let accounts = Mutex<[String: Account]>([:])
  private let now: @Sendable () -> ContinuousClock.Instant

  init(now: @escaping @Sendable () -> ContinuousClock.Instant) { self.now = now }

  /// Takes a line.
  /// - Returns: how many were left out since the last one; nil if this one is left out too.
  func take(place: String) -> Int? {
    let now = now()
    return accounts.withLock { accounts in
      var account = accounts[place] ?? Account(lines: Double(Limits.logBurst), filled: now)
      let earned = account.filled.duration(to: now) / .seconds(1) * Double(Limits.logLinesPerSecond)
      account.lines = min(Double(Limits.logBurst), account.lines + earned)
      account.filled = now
      defer { accounts[place] = account }
      guard account.lines >= 1 else {
        account.leftOut += 1
        return nil
      }
      account.lines -= 1
      defer { account.leftOut = 0 }
      return account.leftOut
    }
  }
}
