import ArgumentParser
import Serving
import Wire

/// `understudy score`.
struct ScoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Answer the rows of a file with a release, by the pipeline that serves.",
    discussion: """
      No broker and no worker: the same decoder, stages, checks and guard, so that the answers are those of a worker, digit for digit, for all that depends
      on the row alone (fallbacks and moving averages are a worker's). Each answer is kept with its row, model, version and digest. A run that was cut goes on
      behind its last answer when the same command is given again: each row has one answer.

      Examples:
        understudy score releases/2.0.0 --input rows.jsonl --output answers.jsonl
        understudy score releases/2.0.0.tar --input rows.csv --output answers.sqlite
        understudy score releases/2.0.0 --input - --output - < rows.jsonl | jq .outputs
      """)

  @OptionGroup var options: OfflineOptions

  @Option(help: "The answers: JSON lines, or a database for names in .sqlite or .db; - for standard output.")
  var output: String

  func run() async throws { try await OfflineCommand.run(options, output: output, style: .stored) }
}

/// `understudy features`.
struct FeaturesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Print what a release's model is given for the rows of a file, to train with or to look at.",
    discussion: """
      The values come from the very feature stage that serves, of requests that were checked as a worker checks them: there is no second code to drift apart.
      A release without a feature stage shows its inputs, with defaults filled in. What is not finite is null.

      Examples:
        understudy features releases/2.0.0 --input rows.jsonl
        understudy features releases/2.0.0 --input labelled.csv --output features.sqlite
        echo '{"age":41,"state":"FL"}' | understudy features releases/2.0.0 --input - | jq .features
      """)

  @OptionGroup var options: OfflineOptions

  @Option(help: "The features: JSON lines, or a database for names in .sqlite or .db; - for standard output.")
  var output = "-"

  func run() async throws { try await OfflineCommand.run(options, output: output, style: .features) }
}

/// What both do.
enum OfflineCommand {
  static func run(_ options: OfflineOptions, output: String, style: AnswerStyle) async throws {
    let interruption = Interruption()
    let (summary, isShown) = try await interruption.watch {
      try await onThread("score") {
        interruption.arm()
        var run = try OfflineRun(options, output: output, style: style, interruption)
        return (try run.run(), !AnswerPlace.isStandardOutput(output))
      }
    }
    // The answers themselves have standard output.
    let text = options.json ? summary.json.line : summary.text(output)
    if isShown { Terminal.show(text) } else { Terminal.complain(text) }
    if !summary.isComplete { throw ExitCode(130) }
  }
}
