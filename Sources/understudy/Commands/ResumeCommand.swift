import ArgumentParser
import Domain

/// `understudy resume`.
struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "End a pause, or the hold that a rollback left.",
    discussion: """
      Examples:
        understudy resume                              # consume again
        understudy resume --model breast-cancer        # announcements go live again
      """)

  @Option(help: "The model whose releases may go live again; without it, consuming begins again.")
  var model: String?

  @OptionGroup var sending: SendingOptions

  func run() async throws {
    let resume = Resume(scope: model == nil ? .consume : .activation, model: model)
    try await sending.send(.resume(resume), to: sending.connection.target())
  }
}
