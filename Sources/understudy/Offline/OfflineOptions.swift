import ArgumentParser

/// What `score` and `features` take.
struct OfflineOptions: ParsableArguments {
  @Argument(help: "The release: a tar, or a directory that was packed.")
  var release: String

  @Option(help: "The rows: a .csv file with a heading, or JSON lines, each a request; - for standard input.")
  var input: String

  @Option(help: "Rows at once: a number, or `auto` to find the best one by experiment.")
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
  enum BatchSize: ExpressibleByArgument {
    case auto
    case rows(Int)

    init?(argument: String) {
      if argument == "auto" {
        self = .auto
      } else if let rows = Int(argument), (1...65_536).contains(rows) {
        self = .rows(rows)
      } else {
        return nil
      }
    }

    var defaultValueDescription: String { "auto" }
  }
}
