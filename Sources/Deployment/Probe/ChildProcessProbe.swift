import Domain
import Foundation

/// Runs the gate in a child process of our own program, with a deadline, a memory limit and the lowest priority.
///
/// The child holds a pipe whose other end is ours: when we die, by whatever signal, it reads the end and dies too.
package struct ChildProcessProbe: ReleaseProbe {
  private let program: String
  private let options: ProbeOptions
  private let reports: any GateReportCoding

  /// A probe.
  /// - Parameter program: path of this program; its command `probe` is the other side.
  package init(program: String, options: ProbeOptions, reports: any GateReportCoding) {
    self.program = program
    self.options = options
    self.reports = reports
  }

  /// What the child writes before its report, on a line of its own; libraries write what they like before that.
  package static let reportMark = "understudy-report: "

  package func probe(
    _ release: StoredRelease, against live: StoredRelease?, giveUp: GiveUp
  ) throws(Refusal) -> GateReport? {
    let available = MachineMemory.availableBytes.map { max(0, $0 - Limits.spareMemoryBytes) }
    let limit = options.memoryBytes ?? available ?? Int64(Limits.releaseBytes)
    let child = try start(release, live, memoryBytes: limit)
    let watch = ProbeWatch(
      child.process, deadlineSeconds: options.deadlineSeconds, giveUp: giveUp)
    // The child ends when its pipe does.
    let (output, end) = withExtendedLifetime(child) { (child.readToEnd().text, child.process.wait()) }
    let verdict = watch.end()
    if verdict == .givenUp { return nil }
    if var report = report(in: output), verdict == nil, end == .exit(0) {
      if let live, report.hasPassed, report.comparison == nil {
        report.comparison = GateReport.Comparison(version: live.identity.version)
        report.comparison?.note = "the files of the live release could not be read, so nothing was compared"
      }
      return try fitted(report, release, available: MachineMemory.availableBytes)
    }
    throw refusal(release, end, verdict, watch, output, limit)
  }

  // MARK: The child

  private func start(
    _ release: StoredRelease, _ live: StoredRelease?, memoryBytes: Int64
  ) throws(Refusal) -> ProbeChild {
    var arguments = ["probe", release.directory, "--memory-bytes", String(memoryBytes)]
    arguments += ["--engine-threads", String(options.engineThreads)]
    if let live { arguments += ["--against", live.directory] }
    if !options.policy.isRequired { arguments.append("--allow-ungated") }
    for (metric, value) in options.policy.minimum.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      arguments += ["--minimum", "\(metric.rawValue)=\(value)"]
    }
    do { return try ProbeChild(program: program, arguments: arguments) } catch {
      throw Refusal(
        .loadFailed, "\(release.identity): no process for its gate could be started: \(error)", mayRetry: true)
    }
  }

  private func report(in output: String) -> GateReport? {
    output.split(separator: "\n").last { $0.hasPrefix(Self.reportMark) }
      .flatMap { reports.decode(String($0.dropFirst(Self.reportMark.count))) }
  }

  // MARK: Verdicts

  /// What the release took must fit beside what serves.
  private func fitted(
    _ report: GateReport, _ release: StoredRelease, available: Int64?
  ) throws(Refusal) -> GateReport {
    guard report.hasPassed, let peak = report.resources?.peakBytes, let available,
      peak > available - Limits.spareMemoryBytes
    else { return report }
    var refused = report
    refused.refusal = Refusal(
      .outOfMemory,
      "\(release.identity) takes up to \(megabytes(peak)), and the machine has \(megabytes(available)) left beside what serves, "
        + "of which \(megabytes(Limits.spareMemoryBytes)) are kept free", mayRetry: true)
    return refused
  }

  private func refusal(
    _ release: StoredRelease, _ end: ChildProcess.End, _ verdict: ProbeWatch.Verdict?, _ watch: ProbeWatch,
    _ output: String, _ limit: Int64
  ) -> Refusal {
    let name = "\(release.identity)"
    if verdict == .deadline {
      return Refusal(
        .tooSlow, "\(name): its gate had not ended after \(options.deadlineSeconds) s (gate.deadline_seconds)")
    }
    let tail = lastWords(output)
    var signal: Int32?
    if case .signal(let number) = end { signal = number }
    // A signal 9 that is not ours is the kernel's, when the machine has no memory left.
    if signal == SIGKILL {
      return Refusal(
        .outOfMemory, "\(name): the process of its gate was killed, as the kernel does when memory runs out",
        mayRetry: true)
    }
    if let signal, [SIGTERM, SIGINT, SIGHUP].contains(signal) {
      return Refusal(
        .loadFailed, "\(name): the process of its gate was ended from outside (\(text(end)))", mayRetry: true)
    }
    if ProbeBody.isAboutMemory(output) || signal != nil && watch.wasNearItsLimit {
      return Refusal(
        .outOfMemory,
        "\(name): its gate needed more than the \(megabytes(limit)) that it may have (\(text(end)))\(tail)")
    }
    return Refusal(.loadFailed, "\(name): the process of its gate died (\(text(end)))\(tail)")
  }

  private func text(_ end: ChildProcess.End) -> String {
    switch end {
    case .exit(let code): "exit \(code)"
    case .signal(let number): "ended by signal \(signalName(number))"
    }
  }

  private func signalName(_ number: Int32) -> String {
    let names = [
      SIGSEGV: "SIGSEGV", SIGABRT: "SIGABRT", SIGFPE: "SIGFPE", SIGILL: "SIGILL", SIGBUS: "SIGBUS", SIGTRAP: "SIGTRAP",
    ]
    return names[number].map { "\(number), \($0)" } ?? "\(number)"
  }

  private func lastWords(_ output: String) -> String {
    let lines = output.split(separator: "\n").filter { !$0.hasPrefix(Self.reportMark) }
    guard let last = lines.last else { return "" }
    return ": " + String(last.prefix(Limits.gateValueBytes))
  }

  private func megabytes(_ bytes: Int64) -> String { "\(bytes >> 20) MB" }
}

/// A child process with one pipe in and one out.
private struct ProbeChild {
  let process: ChildProcess
  private let output = Pipe()
  /// Never written to: its end tells the child that we are gone.
  private let life = Pipe()

  init(program: String, arguments: [String]) throws {
    let writing = output.fileHandleForWriting
    process = try ChildProcess(
      program, arguments, environment: Self.environment, input: life.fileHandleForReading.fileDescriptor,
      output: writing.fileDescriptor, error: writing.fileDescriptor)
    // The child has its own.
    try writing.close()
    try life.fileHandleForReading.close()
  }

  /// What a program needs to start, and none of the worker's secrets. A crash is told of by its signal alone.
  private static var environment: [String: String] {
    let needed = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "LANG"]
    return ProcessInfo.processInfo.environment.filter { needed.contains($0.key) }
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
  }

  /// What it wrote, when it has ended.
  func readToEnd() -> ProbeOutput {
    var written = ProbeOutput()
    while let piece = try? output.fileHandleForReading.read(upToCount: 1 << 16), !piece.isEmpty {
      written.append(piece)
    }
    return written
  }
}

/// The end of what a probe's process writes: its report comes last.
struct ProbeOutput {
  /// At most two times what is kept of it, so that it is not moved at each piece.
  private(set) var bytes = Data()

  /// Takes what was written next.
  mutating func append(_ piece: Data) {
    bytes.append(piece)
    if bytes.count > 2 * Limits.probeOutputBytes { bytes = Data(bytes.suffix(Limits.probeOutputBytes)) }
  }

  /// The last `Limits.probeOutputBytes` of it.
  var text: String { String(decoding: bytes.suffix(Limits.probeOutputBytes), as: UTF8.self) }
}
