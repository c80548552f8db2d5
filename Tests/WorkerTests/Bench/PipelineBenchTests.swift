import Domain
import Engines
import Foundation
import Serving
import Testing
import Wire

@testable import understudy

/// The pipeline alone, as `understudy bench --pipeline` runs it.
@Suite("The bench of the pipeline", .ownThreads)
struct PipelineBenchTests {
  private let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func releases(_ lines: [String] = [], rows: Int = 1) throws -> BenchReleases {
    let file = try workplace.write("requests.jsonl", lines.joined(separator: "\n") + "\n")
    return try BenchReleases(
      [Example.archive("2.0.0")], files: lines.isEmpty ? [] : [file], shape: .init(rows: rows), threads: 1)
  }

  @Test("It answers as the gate and `score` do")
  func sameAnswers() throws {
    let lines = Example.rows.map { String(decoding: $0, as: UTF8.self) }
    let releases = try releases(lines)
    let answers = try PipelineBench(releases.loaded, requests: releases.requests, batch: 25).answers()
      .map { try JSON(parsing: $0) }
    let runner = OfflineRunner(releases.loaded[0], decoder: JSONRequestDecoder(), encoder: JSONResponseEncoder())
    let expected = try runner.answer(Example.rows).map { try JSON(parsing: $0.bytes) }
    #expect(answers.count == 8 * 25 && expected.count == 100)
    for (number, answer) in answers.enumerated() {
      #expect(answer["outputs"] != nil && answer["outputs"] == expected[number % 100]["outputs"], "request \(number)")
      #expect(answer["status"] == .text("ok"))
    }
  }

  @Test("Its figures add up: whole batches, an answer for each record, steps within the whole")
  func figures() throws {
    let releases = try releases(rows: 3)
    let bench = PipelineBench(releases.loaded, requests: releases.requests, batch: 64)
    _ = bench.answers()
    let figures = bench.run(.records(1000)) { false }
    #expect(figures.batches == 16 && figures.records == 1024 && figures.rows == 3072)
    #expect(figures.answered == 1024 && figures.errors == 0 && figures.isGood)
    for step in [BenchStep.decode, .features, .model, .scoring, .encode] {
      #expect((figures.steps.seconds[step] ?? 0) > 0, "\(step)")
    }
    #expect(figures.steps.total <= figures.seconds)
    let table = figures.table
    let sum = table.lines.reduce((0.0, 0.0)) { ($0.0 + $1.microseconds, $0.1 + $1.share) }
    #expect(abs(sum.0 - table.total) < 1e-6 && abs(sum.1 - 1) < 1e-9)
    #expect(abs(table.total - figures.seconds * 1e6 / 1024) < 1e-6)
  }

  @Test("It ends between two batches when it is interrupted or its time is over")
  func ends() throws {
    let releases = try releases()
    let bench = PipelineBench(releases.loaded, requests: releases.requests, batch: 8)
    var asked = 0
    let figures = bench.run(.duration(.seconds(3600))) {
      asked += 1
      return asked > 5
    }
    #expect(figures.batches == 5)
    #expect(bench.run(.duration(.zero)) { false }.batches == 0)
  }

  @Test("Answers that are errors make it bad")
  func errors() throws {
    let releases = try releases([String(decoding: Example.rows[0], as: UTF8.self), #"{"mean_radius":"wide"}"#])
    let figures = PipelineBench(releases.loaded, requests: releases.requests, batch: 10).run(.records(100)) { false }
    #expect(figures.records == 100 && figures.errors == 50 && !figures.isGood)
    #expect(figures.document(of: releases.names)["good"] == .bool(false))
  }

  @Test("The program prints a document that parses, and exits by what it found")
  func program() throws {
    let process = try ProgramProcess(
      ["bench", "--pipeline", "--release", Example.archive("1.0.0"), "--records", "200", "--batch", "50", "--json"],
      in: workplace)
    #expect(try process.exit() == 0)
    let document = try JSON(parsing: Array(process.standardOutput.utf8))
    #expect(document["good"] == .bool(true) && document["records"] == .integer(200))
    #expect(document["steps"]?["decode"]?["us_per_record"] != nil)
  }
}
