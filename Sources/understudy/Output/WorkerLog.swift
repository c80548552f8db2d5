import Logging

/// The worker's log: lines on stderr.
enum WorkerLog {
  static func make(level: String) -> Logger {
    var logger = Logger(label: "understudy") { BoundedLogHandler(StreamLogHandler.standardError(label: $0)) }
    logger.logLevel = Logger.Level(rawValue: level) ?? .info
    return logger
  }
}
