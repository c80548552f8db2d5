import Foundation
import Testing
import Wire

@testable import understudy

/// The whole program, measuring a worker against the embedded broker.
@Suite("The bench against a broker", .ownThreads)
struct BenchProgramTests {
  private let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func start(_ arguments: [String]) throws -> ProgramProcess {
    try workplace.write("tmp/keep", "")
    return try ProgramProcess(["bench"] + arguments, environment: ["TMPDIR": "\(workplace.path)/tmp"], in: workplace)
  }

  private func run(_ arguments: [String]) throws -> (code: Int32, document: JSON, complaint: String) {
    let process = try start(arguments + ["--json"])
    let code = try process.exit()
    let document = try? JSON(parsing: Array(process.standardOutput.utf8))
    return (code, document ?? .null, process.standardError)
  }

  private func number(_ json: JSON?) -> Double {
    switch json {
    case .integer(let value)?: Double(value)
    case .number(let value)?: value
    default: -1
    }
  }

  @Test("P1: a flat-out run answers every request once, and tells what a record costs")
  func flatOut() throws {
    let (code, document, complaint) = try run([
      "--release", PatientRelease.archive(in: workplace), "--records", "3000", "--rows", "2",
    ])
    #expect(code == 0, "\(complaint)")
    #expect(document["mode"] == .text("flat_out") && document["good"] == .bool(true))
    let account = document["account"]
    #expect(account?["sent"] == .integer(3000) && account?["answered_once"] == .integer(3000))
    for name in ["missing", "doubled", "errors", "unknown"] { #expect(account?[name] == .integer(0), "\(name)") }
    #expect(document["throughput"]?["records"] == .integer(3000) && document["throughput"]?["rows"] == .integer(6000))
    #expect(number(document["throughput"]?["records_per_second"]) > 0)
    for step in ["decode", "model", "encode", "produce", "commit", "waiting"] {
      #expect(number(document["steps"]?[step]?["us_per_record"]) >= 0, "\(step)")
    }
    #expect(number(document["us_per_record"]) > 0)
    #expect(workplace.names("tmp") == ["keep"])
  }

  @Test("P1 P3: a steady run with swaps and rollbacks answers every request once, and tells what they cost")
  func steady() throws {
    let (code, document, complaint) = try run(
      [
        "--release", PatientRelease.archive(in: workplace), "--rate", "200", "--for", "3s", "--swaps", "2",
        "--rollbacks", "2",
      ])
    #expect(code == 0, "\(complaint)")
    #expect(document["mode"] == .text("rate") && document["good"] == .bool(true))
    let (latency, switches) = (document["latency"], document["switches"])
    #expect(number(latency?["all"]?["count"]) >= 600)
    for name in ["p50_ms", "p90_ms", "p99_ms", "p99_9_ms", "max_ms"] {
      #expect(number(latency?["all"]?[name]) > 0 && number(latency?["sender_late"]?[name]) >= 0, "\(name)")
    }
    #expect(switches?["swaps"]?["count"] == .integer(2) && switches?["rollbacks"]?["count"] == .integer(2))
    #expect(number(switches?["swaps"]?["p50_ms"]) > 0 && number(switches?["rollbacks"]?["p99_ms"]) > 0)
    let told = number(switches?["switching"]?["count"]) + number(switches?["steady"]?["count"])
    #expect(told == number(latency?["all"]?["count"]) && number(switches?["switching"]?["count"]) > 0)
    #expect(number(switches?["longest_gap_switching_ms"]) > 0 && number(switches?["longest_gap_steady_ms"]) > 0)
    guard case .array(let growth)? = switches?["growth"] else {
      Issue.record("no growth in \(document.line)")
      return
    }
    #expect(growth.count >= 2 && growth.allSatisfy { number($0["resident_bytes"]) > 1_000_000 })
    #expect(growth.allSatisfy { number($0["threads"]) > 5 && number($0["open_files"]) > 5 })
    #expect(workplace.names("tmp") == ["keep"])
  }

  @Test("An interrupt ends it soon, with its own exit code and nothing left behind")
  func interrupt() throws {
    let process = try start(["--release", PatientRelease.archive(in: workplace), "--rate", "100", "--for", "10m"])
    try waitUntil("the load") { process.standardError.contains("warming up") }
    process.signal(SIGINT)
    #expect(try process.exit() == 130)
    #expect(workplace.names("tmp") == ["keep"])
  }

  @Test("What cannot be measured is said before anything runs")
  func refused() throws {
    func complaint(_ arguments: [String]) throws -> String {
      let (code, _, complaint) = try run(arguments)
      #expect(code == 2, "\(arguments)")
      return complaint
    }
    let rows = try workplace.write("rows.jsonl", #"{"mean_radius":"wide"}"# + "\n")
    #expect(try complaint(["--requests", rows, "--records", "10"]).contains("answered with an error"))
    #expect(try complaint(["--records", "900000000"]).contains("lower --records"))
    #expect(try complaint(["--set", "no.such=1"]).contains("no.such"))
    #expect(try complaint(["--release", "/none.tar"]).contains("/none.tar"))
  }
}
