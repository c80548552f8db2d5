/// Promise P8 over the whole package: a bound that no test reaches is one that nobody knows to hold.
enum LimitRules {
  /// Names of the bounds that the text of `Limits.swift` declares.
  static func names(in text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(whereSeparator: { $0 == " " || $0 == ":" })
      guard words.starts(with: ["package", "static", "let"]), words.count > 3 else { return nil }
      return String(words[3])
    }
  }

  /// The bounds that a test names.
  static func named(in texts: [String]) -> Set<String> {
    var names: Set<String> = []
    for text in texts {
      for part in text.split(separator: "Limits.", omittingEmptySubsequences: false).dropFirst() {
        names.insert(String(part.prefix { $0.isLetter || $0.isNumber }))
      }
    }
    return names
  }

  /// Bounds that no test names, by the reason. May only shrink: a bound that a test names has no entry.
  static let untestedByReason: [String: [String]] = [
    "a pace, how often or how long something is done before it is looked at again": [
      "isolationMilliseconds",
      "interruptionPaceMilliseconds",
      "idleInterruptionLooks",
      "stoppedProcessMilliseconds",
      "runsPerTrial",
      "trialMilliseconds",
      "runsBesideTrial",
      "runsOfHabit",
      "runSizeMilliseconds",
      "averagesSeconds",
      "gateTimedRequests",
      "gateTimingMilliseconds",
      "batchSearchMilliseconds",
      "firstRetryMilliseconds",
      "longestRetryMilliseconds",
      "outboxBatch",
      "commandsRecordedTogether",
      "giveUpCheckMilliseconds",
      "stateLockSeconds",
      "deniedDestinationSeconds",
      "producersPerLane",
    ],
    "a wait of many seconds that only a broken machine or network reaches": [
      "stalledLaneSeconds", "stalledMembershipSeconds", "standingLaneSeconds",
      "redriveSilenceSeconds",
      "controlTurnSeconds",
      "retireWaitSeconds",
      "fetchConnectSeconds",
      "fetchIdleSeconds",
    ],
    "a size of pieces in which something is read or written: any would do": [
      "pieceBytes",
      "chunkBytes",
    ],
    "how much of something a message or a report shows": [
      "quotedCharacters",
      "quotedNames",
      "gateValueBytes",
      "workersInProgress",
      "redriveTopicsNamed",
      "candidatesShown",
      "outboxEventsCounted",
    ],
    "room that is kept free on the machine, which a test cannot take away": [
      "spareDiskBytes",
      "spareMemoryBytes",
    ],
    "a size of the layout of a file or a stack, not of what comes from outside": [
      "signalStackBytes",
      "partitionsInFlight",
    ],
    "a sum of other bounds, each of which has its test": [
      "movingAverages",
      "deadLetterOverheadBytes",
      "deadLetterReasonBytes",
    ],
    "the golden documents, one of them too deep, reach it without its number": ["requestDepth"],
    "the client's own ceiling": [
      "clientMessageBytes"
    ],
    "hundreds of megabytes of input, more than a test should take": [
      "testSetBytes",
      "rowBytes",
      "transactionBytes",
      "transactionRecords",
    ],
    "RE2 counts it its own way: the test of patterns that are too large reaches it without its number": [
      "patternMemoryBytes"
    ],
  ]

  /// All of them.
  static var untested: Set<String> { Set(untestedByReason.values.joined()) }
}
