import Dispatch
import Domain
import Foundation
import Kafka
import Synchronization

/// The program as a process of its own.
final class ProgramProcess: Sendable {
  private let process: Process
  private let ended = DispatchSemaphore(value: 0)
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
    process = Process()
    process.executableURL = URL(fileURLWithPath: preparation == nil ? program : "/usr/bin/unshare")
    process.arguments =
      preparation.map {
        ["--user", "--map-root-user", "--mount", "sh", "-c", "\($0) && exec \"$0\" \"$@\"", program] + arguments
      } ?? arguments
    process.currentDirectoryURL = URL(fileURLWithPath: Project.root)
    let inherited = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("UNDERSTUDY_") && $0.key != "KAFKA_BOOTSTRAP_SERVERS"
    }
    // A backtrace of every crash would take seconds.
    process.environment = inherited.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }.merging(environment) { $1 }
    if preparation != nil { process.environment?["PLACE"] = workplace.path }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputPath))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorPath))
    let ended = ended
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
  }

  deinit { if process.isRunning { signal(SIGKILL) } }

  var standardOutput: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }
  var standardError: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }

  var isRunning: Bool { process.isRunning }
  /// Whether it is stopped, as by SIGSTOP: the state follows the name (proc_pid_stat(5)).
  var isStopped: Bool {
    let facts = (try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)) ?? ""
    return facts.split(separator: ")").last?.hasPrefix(" T") ?? false
  }
  var identifier: Int32 { process.processIdentifier }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Waits for the end.
  /// - Returns: the exit code, or minus the number of the signal that ended it.
  @discardableResult
  func exit(within limit: Duration = .seconds(60)) throws -> Int32 {
    guard ended.wait(timeout: .now() + .milliseconds(Int(limit / .milliseconds(1)))) == .success else {
      throw TestFailure("the program has not ended within \(limit)\n\(standardError.suffix(3000))")
    }
    ended.signal()
    return process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
  }

  /// Ends it like a kernel that is out of memory.
  func killHard() throws {
    signal(SIGKILL)
    try exit(within: .seconds(10))
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
      kafka["session.timeout.ms"] = "4000"
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

  func killHard() throws { try process.killHard() }

  /// Ends it cleanly.
  /// - Returns: the exit code.
  @discardableResult
  func terminate(within limit: Duration = .seconds(10)) throws -> Int32 {
    process.signal(SIGTERM)
    return try process.exit(within: limit)
  }
}
