import Deployment
import Foundation
import Testing

/// Processes that are started, told to end, and waited for.
struct ChildProcessTests {
  /// What a shell command of one word after another writes, and how it ends.
  private static func run(_ command: String, environment: [String: String] = [:], in directory: String? = nil) throws
    -> (
      text: String, end: ChildProcess.End
    )
  {
    let pipe = Pipe()
    let process = try ChildProcess(
      "/bin/sh", ["-c", command], environment: environment, in: directory,
      output: pipe.fileHandleForWriting.fileDescriptor,
      error: pipe.fileHandleForWriting.fileDescriptor)
    try pipe.fileHandleForWriting.close()
    let text = try pipe.fileHandleForReading.readToEnd() ?? Data()
    return (String(decoding: text, as: UTF8.self), process.wait())
  }

  @Test func `it has the words, the environment, the directory and the files that it is given, and no others`() throws {
    // Which of them a test happens to have open is its own matter: these are.
    let open = try (0..<40).map { _ in try #require(FileHandle(forReadingAtPath: "/dev/null")) }
    let (text, end) = try withExtendedLifetime(open) {
      try Self.run("pwd; echo $A; env | grep -c ^HOME; exec ls /proc/self/fd", environment: ["A": "a b"], in: "/usr")
    }
    // Of the last two numbers one is the directory that is listed.
    #expect(text == "/usr\na b\n0\n0\n1\n2\n3\n", "\(text)")
    #expect(end == .exit(0))
  }

  @Test func `its end is told as it was: a code, or a signal`() throws {
    #expect(try Self.run("exit 3").end == .exit(3))
    #expect(try Self.run("kill -9 $$").end == .signal(SIGKILL))
    #expect(try Self.run("kill -TERM $$").end == .signal(SIGTERM))
  }

  @Test func `it can be ended, and signals after its end meet nobody`() throws {
    let process = try ChildProcess(
      "/bin/sleep", ["1000"], environment: [:])
    #expect(process.isRunning && process.wait(atMost: .milliseconds(1)) == nil)
    process.signal(SIGINT)
    #expect(process.wait() == .signal(SIGINT) && !process.isRunning)
    process.signal(SIGKILL)
    #expect(process.wait(atMost: .zero) == .signal(SIGINT))
  }

  @Test func `a program that cannot be started is named with the reason`() throws {
    let error = #expect(throws: ChildProcess.Failure.self) {
      _ = try ChildProcess("/no/such", [], environment: [:])
    }
    #expect(error?.description == "cannot start /no/such: No such file or directory")
  }

  /// In a process of its own, whose limit is raised and whose files are in nobody's way.
  @Test func `P4: it is started where thousands of files are open`() async throws {
    await #expect(processExitsWith: .success) {
      var limit = rlimit()
      unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      limit.rlim_cur = min(limit.rlim_max, 8000)
      unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      let most = Int(limit.rlim_cur) - 100
      let open = try (0..<min(4000, most)).map { _ in try #require(FileHandle(forReadingAtPath: "/dev/null")) }
      let (text, end) = try withExtendedLifetime(open) { try Self.run("ls /proc/self/fd | wc -l") }
      try #require(text == "4\n" && end == .exit(0), "\(text) \(end)")
    }
  }

  @Test func `P4: its end is told also where whoever started us has the ends of children ignored`() async throws {
    await #expect(processExitsWith: .success) {
      signal(SIGCHLD, SIG_IGN)
      try #require(try Self.run("exit 3").end == .exit(3))
    }
  }

  @Test func `it has a process group of its own, so that Ctrl-C does not reach it`() throws {
    let process = try ChildProcess("/bin/sleep", ["1000"], environment: [:])
    #expect(getpgid(process.identifier) == process.identifier)
    process.signal(SIGKILL)
    #expect(process.wait() == .signal(SIGKILL))
  }
}
