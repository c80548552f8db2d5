/// Rules that look at code only: `SwiftCode` has blanked comments and strings before.
enum CodeRules {
  /// Lines that a function may have.
  static let linesPerFunction = 70

  /// Where pointers are wrapped, and the few other places, each with what it needs them for.
  static let unsafePlaces: [String: String] = [
    "Sources/Kafka/": "wraps librdkafka",
    "Sources/Engines/": "wraps ONNX Runtime",
    "Sources/Wire/Requests/Flat": "a context's bytes are read in one pass, straight into the columns' memory",
    "Sources/Wire/JSON/": "wraps simdjson",
    "Sources/Wire/Patterns/": "wraps RE2",
    "Sources/Domain/Columns/": "owns the memory of columns",
    "Sources/Domain/Requests/RecordBatch.swift": "lends spans of its bytes",
    "Sources/Domain/FailPoint.swift": "getenv",
    "Sources/Domain/Time/WallClock.swift": "clock_gettime",
    "Sources/Domain/Time/WaitCondition.swift": "pthread_cond_timedwait by CLOCK_MONOTONIC",
    "Sources/Deployment/Probe/ChildProcess.swift": "posix_spawn",
    "Sources/Deployment/Probe/ProcessLimits.swift": "setrlimit",
    "Sources/Artifacts/Files/": "calls of the file system that Foundation does not have",
    "Sources/StateStore/StateDirectory.swift": "flock",
    "Sources/StateStore/InFlight/": "a file in memory that outlives the process",
    "Sources/Wire/Requests/RequestPlan.swift": "a span of a default's bytes",
    "Sources/understudy/Commands/PublishCommand.swift": "Foundation's question for a directory",
  ]

  /// Where Domain needs the system: to die when a test says so, and for the time of day.
  static let domainWithGlibc = ["Sources/Domain/FailPoint.swift", "Sources/Domain/Time/"]

  /// Functions that do not fit on a screen or two.
  static func longFunctions(in code: String) -> [String] {
    SwiftCode.functions(in: code).filter { $0.count > linesPerFunction }.map {
      "\($0.line): a function of \($0.count) lines, at most \(linesPerFunction)"
    }
  }

  /// Whether code gives up memory safety anywhere.
  static func isUnsafe(_ code: String) -> Bool {
    code.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.contains { $0 == "unsafe" || $0.hasPrefix("Unsafe") }
  }

  /// Waits that the time of day ends, and so a change of it stretches; `WaitCondition` and `rest` are there instead.
  static let waitsByTimeOfDay = ["NSCondition", "Thread.sleep", "timeIntervalSinceNow", "DispatchSemaphore"]
  /// Tools that people watch, for minutes.
  static let waitingTools = ["Sources/understudy/Bench/", "Sources/understudy/Load/"]

  /// Foundation's coders: one room knows JSON.
  static let jsonCoders = ["JSONEncoder", "JSONDecoder", "JSONSerialization"]
}
