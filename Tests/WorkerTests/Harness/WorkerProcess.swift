import Deployment
import Domain
import Foundation
import Kafka
import Synchronization

/// The program as a process of its own.
final class ProgramProcess: Sendable {
  private let process: ChildProcess
  private let outputPath: String
  private let errorPath: String

  /// Starts it.
  /// - Parameter program: its path.
  /// - Parameter environment: in addition to the test's, of which nothing that configures workers is handed on.
  /// - Parameter preparation: a shell command that runs first, as root of a user and mount namespace of the process's own
  ///   (user_namespaces(7)), which takes no rights: what it mounts only the process sees. `$PLACE` is the workplace.
  init(
    _ arguments: [String], program: String = Project.program, environment: [String: String] = [:],
    preparation: String? = nil, in workplace: Workplace
  ) throws {
    let name = UUID().uuidString
    outputPath = try workplace.write("\(name).out", "")
    errorPath = try workplace.write("\(name).err", "")
    // A backtrace of every crash would take seconds.
    var all = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("UNDERSTUDY_") && $0.key != "KAFKA_BOOTSTRAP_SERVERS"
    }.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }.merging(environment) { $1 }
    var words = arguments
    if let preparation {
      all["PLACE"] = workplace.path
      words =
        ["--user", "--map-root-user", "--mount", "sh", "-c", "\(preparation) && exec \"$0\" \"$@\"", program] + words
    }
    let (output, error) = try (
      FileHandle(forWritingTo: URL(fileURLWithPath: outputPath)),
      FileHandle(forWritingTo: URL(fileURLWithPath: errorPath))
    )
    process = try withExtendedLifetime((output, error)) {
      try ChildProcess(
        preparation == nil ? program : "/usr/bin/unshare", words, environment: all, in: Project.root,
        output: output.fileDescriptor, error: error.fileDescriptor)
    }
  }

  deinit { signal(SIGKILL) }

  var standardOutput: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }
  var standardError: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }

  var isRunning: Bool { process.isRunning }
  /// Whether it is stopped, as by SIGSTOP: the state follows the name (proc_pid_stat(5)).
  var isStopped: Bool {
    let facts = (try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)) ?? ""
    return facts.split(separator: ")").last?.hasPrefix(" T") ?? false
  }
  var identifier: Int32 { process.identifier }

  func signal(_ number: Int32) { process.signal(number) }

  /// Waits for the end.
  /// - Returns: the exit code, or minus the number of the signal that ended it.
  @discardableResult
  func exit(within limit: Duration = patience) throws -> Int32 {
    switch process.wait(atMost: limit) {
    case .exit(let code): return code
    case .signal(let number): return -number
    case nil: throw TestFailure("the program has not ended within \(limit)\n\(standardError.suffix(3000))")
    }
  }

  /// Ends it like a kernel that is out of memory.
  func killHard() throws {
    signal(SIGKILL)
    try exit()
  }
}

/// `understudy run` with a configuration of its own.
struct WorkerProcess {
  let process: ProgramProcess

  /// How a worker differs from the usual one of the tests.
  struct Setup {
    /// The program's path.
    var program = Project.program
    var slot = "worker-0"
    /// The state directory's name in the workplace; by default the slot's.
    var state: String?
    var delivery = "exactly_once"
    var failPoint: FailPoint?
    /// At which time the fail-point is reached it dies.
    var failTime = 1
    /// Where the admin API listens: tests that ask nothing share no port.
    var http = "off"
    /// Runs before the process, in namespaces of its own.
    var preparation: String?
    /// More lines of `worker.yaml`.
    var lines: [String] = []
    /// More properties below `kafka`.
    var kafka: [String: String] = [:]
  }

  init(_ broker: TestBroker, in workplace: Workplace, _ change: (inout Setup) -> Void = { _ in }) throws {
    var setup = Setup()
    change(&setup)
    try workplace.write("topics.yaml", broker.yaml)
    var kafka = ["bootstrap.servers": broker.properties.bootstrapServers]
    if broker.embedded != nil {
      // An empty fetch sleeps its whole wait there, and a group waits for the session of whoever has died.
      kafka["fetch.wait.max.ms"] = "10"
      // With transactions, whose offsets it does not store, who loses its place for want of time cannot go on.
      kafka["session.timeout.ms"] = setup.delivery == "exactly_once" ? "10000" : "4000"
    }
    kafka.merge(setup.kafka) { $1 }
    let properties = kafka.sorted { $0.key < $1.key }.map { "  \($0.key): \"\($0.value)\"" }
    let lines =
      ["kafka:"] + properties
      + [
        "topics: topics.yaml", "group: \(broker.name)", "slot: \(setup.slot)", "state: \(setup.state ?? setup.slot)",
        "delivery: \(setup.delivery)", "lanes: 1", "log: {level: info}",
        "http: {bind: \"\(setup.http)\"}",
      ] + setup.lines
    let path = try workplace.write("\(UUID().uuidString).yaml", lines.joined(separator: "\n") + "\n")
    var environment: [String: String] = [:]
    if let failPoint = setup.failPoint {
      environment["UNDERSTUDY_FAIL_POINT"] = "\(failPoint.rawValue):\(setup.failTime)"
    }
    process = try ProgramProcess(
      ["run", "--config", path], program: setup.program, environment: environment, preparation: setup.preparation,
      in: workplace)
  }

  var log: String { process.standardError }

  /// The partitions of its one lane, by what it says of them.
  var heldPartitions: Set<Substring> {
    let lines = log.split(separator: "\n").filter {
      $0.contains("partitions assigned") || $0.contains("partitions given up")
    }
    guard let last = lines.last, let list = last.firstRange(of: "partitions=") else { return [] }
    return Set(last[list.upperBound...].split(separator: " ").prefix { !$0.hasPrefix("[") })
  }

  /// Whether it says that answers may come again: at least once that is right when the machine had no time for it, so
  /// that it lost its place in the group, or could not end what it was at.
  var mayHaveRepeated: Bool { log.contains("transaction failed") || log.contains("offsets not committed") }

  func killHard() throws { try process.killHard() }

  /// Ends it cleanly.
  /// - Returns: the exit code.
  @discardableResult
  func terminate(within limit: Duration = patience) throws -> Int32 {
    process.signal(SIGTERM)
    return try process.exit(within: limit)
  }
}
