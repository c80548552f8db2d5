import ArgumentParser
import Foundation

/// The program: parses, runs one command, and ends with the exit codes of the contract.
@main struct Main {
  static func main() async {
    do {
      var command = try Understudy.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      end(report(error))
    }
    end(0)
  }

  /// Ends the process at once. A release may still be loading on a thread of its own, and the destructors that exit(3)
  /// runs would take its libraries' memory away under it: a worker that had ended well died of that.
  private static func end(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
  }

  /// Tells what went wrong and returns the exit code: 0 for help, 1 refused or failed, 2 usage, 75 taken.
  private static func report(_ error: any Error) -> Int32 {
    let code = Understudy.exitCode(for: error)
    if code == .success {
      Terminal.show(Understudy.fullMessage(for: error))
      return 0
    }
    if code == .validationFailure {
      Terminal.complain(Understudy.fullMessage(for: error))
      return 2
    }
    if let code = error as? ExitCode { return code.rawValue }
    let failure = CommandFailure(error)
    Terminal.complain("understudy: \(failure)")
    return failure.exitCode
  }
}

/// The root command.
struct Understudy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "understudy",
    abstract: "A Kafka worker that scores requests and swaps its model in place.",
    discussion: """
      Requests come from one topic, exactly one answer to each goes to another, and a message on the control topic replaces model, feature
      extractor and scoring code together, without a pause. Rollback is the same act with an older name.

      See it work, with nothing installed:
        understudy demo

      With your own Kafka:
        understudy topics apply --bootstrap kafka:9092 --topics topics.yaml
        understudy run --config worker.yaml
        understudy publish releases/car-loan-2.tar --config worker.yaml --wait 60s
        understudy rollback car-loan --config worker.yaml --wait 60s

      Exit codes: 0 done, 1 refused or failed (the reason is on stderr), 2 wrong usage, 75 the slot or the state belongs to another process,
      130 interrupted: the same command goes on (score, features, redrive).
      """,
    version: Worker.build,
    subcommands: [
      DemoCommand.self, BenchCommand.self, RunCommand.self, BrokerCommand.self, TopicsCommand.self, PackCommand.self,
      CheckCommand.self,
      DiffCommand.self, ScoreCommand.self, FeaturesCommand.self,
      PublishCommand.self, RollbackCommand.self, TrafficCommand.self, RetireCommand.self, PauseCommand.self,
      ResumeCommand.self, StatusCommand.self, ReleasesCommand.self, RedriveCommand.self, ProbeCommand.self,
    ])
}
