import Domain
import Logging
import Synchronization
import Testing

@testable import understudy

@Suite("Log of the worker")
struct BoundedLogTests {
  /// What comes through, and a clock that is set.
  private final class Sink: Sendable {
    let lines = Mutex<[(message: String, metadata: Logger.Metadata)]>([])
    let time = Mutex(ContinuousClock.now)

    func logger(_ level: Logger.Level = .info) -> Logger {
      var logger = Logger(label: "test") { _ in BoundedLogHandler(Keeper(sink: self)) { self.time.withLock { $0 } } }
      logger.logLevel = level
      return logger
    }

    var messages: [String] { lines.withLock { $0.map(\.message) } }
  }

  private struct Keeper: LogHandler {
    let sink: Sink
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      sink.lines.withLock { $0.append((event.message.description, event.metadata ?? [:])) }
    }
  }

  @Test("P8: one place writes a burst and then a few lines a second, and says how many it left out")
  func flood() {
    let sink = Sink()
    let logger = sink.logger()
    func fail() { logger.warning("it fails") }
    for _ in 0..<Limits.logBurst + 100 { fail() }
    #expect(sink.messages.count == Limits.logBurst)
    sink.time.withLock { $0 += .seconds(1) }
    for _ in 0..<10 { fail() }
    let lines = sink.lines.withLock { $0 }
    #expect(lines.count == Limits.logBurst + Limits.logLinesPerSecond)
    #expect(lines[Limits.logBurst].metadata == ["left_out": "100"])
    #expect(lines[Limits.logBurst - 1].metadata == [:])
  }

  @Test("Other places write on meanwhile, and what was asked for is never left out")
  func others() {
    let sink = Sink()
    let logger = sink.logger(.debug)
    for _ in 0..<Limits.logBurst * 2 { logger.error("one") }
    logger.error("another")
    for _ in 0..<Limits.logBurst * 2 { logger.debug("detail") }
    #expect(sink.messages.count == Limits.logBurst + 1 + Limits.logBurst * 2)
  }

  @Test(
    "P9: nobody writes lines of their own into the log, or controls a terminal",
    arguments: [
      ("first\nsecond", #"first\u{a}second"#), ("\u{1B}[2J", #"\u{1b}[2J"#), ("a\u{2028}b\u{85}", #"a\u{2028}b\u{85}"#),
      ("\u{202E}txt", #"\u{202e}txt"#), ("Zürich 値 😀", "Zürich 値 😀"),
    ])
  func injection(_ text: String, _ written: String) {
    let sink = Sink()
    var logger = sink.logger()
    logger[metadataKey: "always"] = "\(text)"
    logger.info("\(text)", metadata: ["text": "\(text)", "list": ["\(text)", ["key": "\(text)"]]])
    #expect(sink.messages == [written])
    #expect(
      sink.lines.withLock { $0.first?.metadata } == [
        "text": "\(written)", "list": ["\(written)", ["key": "\(written)"]],
      ])
    #expect(logger[metadataKey: "always"] == "\(written)")
  }
}
