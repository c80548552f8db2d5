import ArgumentParser

/// What `score` and `features` take.
struct OfflineOptions: ParsableArguments {
  @Argument(help: "The release: a tar, or a directory that was packed.")
  var release: String

  @Option(help: "The rows: a .csv file with a heading, or JSON lines, each a request; - for standard input.")
  var input: String

  @Option(
    help: "Rows at once: a number, or `auto`, the default, to find the best one by experiment.",
    transform: BatchSize.init(argument:))
  var batch: BatchSize = .auto

  @Option(help: "Threads of one operator of a model, as a worker's engine.threads.")
  var threads = 1

  @Flag(help: "Replace what is in the output, instead of going on behind it.")
  var restart = false

  @Flag(help: "Print the summary as JSON.")
  var json = false

  func validate() throws {
    guard (1...64).contains(threads) else { throw ValidationError("--threads: expected a number from 1 to 64") }
  }

  /// Rows at once.
  enum BatchSize {
    case auto
    case rows(Int)

    /// - Throws: `ValidationError` with what was expected.
    init(argument: String) throws {
      guard argument != "auto" else {
        self = .auto
        return
      }
      guard let rows = Int(argument), (1...65_536).contains(rows) else {
        throw ValidationError("expected auto or a number from 1 to 65536")
      }
      self = .rows(rows)
    }
  }
}
