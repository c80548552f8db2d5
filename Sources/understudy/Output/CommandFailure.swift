import Domain
import Kafka

/// How a command ends that does not end well: the text goes to stderr, the code to the shell.
enum CommandFailure: Error, Equatable, CustomStringConvertible {
  /// Refused or failed: exit 1.
  case failed(String)
  /// Wrong arguments or configuration: exit 2.
  case usage(String)
  /// The slot or the state belongs to another process: exit 75.
  case taken(String)

  var exitCode: Int32 {
    switch self {
    case .failed: 1
    case .usage: 2
    case .taken: 75
    }
  }

  var description: String {
    switch self {
    case .failed(let message), .usage(let message), .taken(let message): message
    }
  }

  /// What any room's error means to the shell.
  init(_ error: any Error) {
    switch error {
    case let failure as CommandFailure: self = failure
    case KafkaError.fenced(let message): self = .taken(message)
    case let state as StateError:
      if case .locked = state { self = .taken(state.description) } else { self = .failed(state.description) }
    default: self = .failed("\(error)")
    }
  }
}
