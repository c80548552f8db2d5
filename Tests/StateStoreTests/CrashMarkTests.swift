import Domain
import Foundation
import Testing

@testable import StateStore

/// What is noted when a process dies, in processes that do.
struct CrashMarkTests {
  /// How a process ends while its lane scores.
  enum End: String, CaseIterable, Codable {
    case arithmetic, badPointer, abort, trap, usedUpStack, otherThread, bus, killed
    // By one of the process's own threads, which has watched the lane's.
    case watched
    // Sent by another process, as an operator would.
    case sentAbort, sentFault

    /// The signal that ends it; nil where processors differ.
    var signal: Int32? {
      switch self {
      case .arithmetic: SIGFPE
      case .badPointer, .usedUpStack, .sentFault: SIGSEGV
      case .abort, .otherThread, .watched, .sentAbort: SIGABRT
      case .bus: SIGBUS
      case .killed: SIGKILL
      case .trap: nil
      }
    }
  }

  private static func die(_ end: End) {
    switch end {
    case .arithmetic: raise(SIGFPE)
    case .badPointer: unsafe UnsafeMutablePointer<Int>(bitPattern: 16)?.pointee = 1
    case .abort: abort()
    case .trap: preconditionFailure("a trap")
    case .usedUpStack: _ = depth(1)
    case .otherThread:
      Thread { abort() }.start()
      while true { pause() }
    case .watched:
      // As a lane's pulse does: threads that Dispatch's threads make keep it from themselves.
      var signals = sigset_t()
      unsafe sigemptyset(&signals)
      unsafe sigaddset(&signals, SIGABRT)
      unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      let lane = pthread_self()
      Thread { pthread_kill(lane, SIGABRT) }.start()
      while true { pause() }
    case .bus: raise(SIGBUS)
    case .killed: raise(SIGKILL)
    case .sentAbort: send("ABRT")
    case .sentFault: send("SEGV")
    }
  }

  private static func send(_ name: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "kill -\(name) \(getpid())"]
    try? process.run()
    while true { pause() }
  }

  @inline(never) private static func depth(_ number: Int) -> Int {
    number == 0 ? 0 : depth(number + 1) + depth(number + 2) + 1
  }

  /// Runs in a process of its own: a lane scores one record, and the process dies.
  private static func run(_ end: End, _ directory: String) throws {
    // A process that does not die must not be waited for for ever.
    alarm(120)
    let file = try InFlightFile(StateDirectory(path: directory, owner: "test"), hasPool: false)
    try file.watchCrashes()
    let thread = Thread {
      var batch = RecordBatch()
      batch.appendRecord(
        topic: batch.topicPosition("a"), partition: 0, offset: 7, timestamp: 1, key: nil, value: nil)
      let journal = file.journal(ofLane: 0)
      journal?.enter()
      journal?.begin(batch)
      die(end)
    }
    thread.start()
    while true { pause() }
  }

  @Test(
    "P7: what a process brings upon itself is noted with its thread, and it dies by it; what others send is not",
    arguments: End.allCases)
  func mark(_ end: End) async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path
    // The address sanitizer is asked after our handler, tells what it knows and aborts.
    let isSanitized = ProcessInfo.processInfo.environment["ASAN_OPTIONS"] != nil
    let isFault = end.signal.map { [SIGSEGV, SIGBUS, SIGFPE].contains($0) } ?? false
    let signal = isSanitized && isFault && end != .sentFault ? SIGABRT : end.signal
    let exit: ExitTest.Condition = signal.map { .signal($0) } ?? .failure
    await #expect(processExitsWith: exit) { [end = end as End, path = path as String] in
      try Self.run(end, path)
    }
    let file = try InFlightFile(StateDirectory(path: path, owner: "test"), hasPool: false)
    switch end {
    case .killed, .sentAbort, .sentFault: #expect(file.findings == InFlightFindings())
    case .otherThread: #expect(file.findings.signal == "SIGABRT" && file.findings.suspects == 1 && !isAccused(file))
    default:
      #expect(isAccused(file), "\(file.findings)")
      let name = end.signal.map { Condemnation.name(ofSignal: Int($0)) }
      let found = file.findings.signal
      #expect(found != nil && (name == nil || name == found), "\(file.findings)")
    }
  }

  private func isAccused(_ file: InFlightFile) -> Bool { file.findings.accused == 1 }
}
