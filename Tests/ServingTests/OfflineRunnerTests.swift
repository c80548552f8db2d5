import Domain
import Serving
import Testing
import Wire

/// The serving pipeline without a broker.
struct OfflineRunnerTests {
  private func runner(_ stage: FakeStage = FakeStage()) throws -> OfflineRunner {
    OfflineRunner(
      try SampleRelease.load("1", [(.model, stage)]), decoder: JSONRequestDecoder(), encoder: JSONResponseEncoder())
  }

  private func texts(_ answers: [OfflineRunner.Answer]) -> [String] {
    answers.map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  @Test func `each request has one answer with its status, in order`() throws {
    let requests = [#"{"age":4}"#, #"{"age":"x"}"#, #"[{"age":1},{}]"#, "", #"{"id":"r","age":5}"#]
    let answers = try runner().answer(requests.map { Array($0.utf8) })
    #expect(answers.map(\.status) == [.ok, .error, .partial, .error, .ok])
    #expect(texts(answers)[0].contains(#""outputs":{"score":8}"#))
    #expect(texts(answers)[4].hasPrefix(#"{"id":"r","status":"ok","model":"loan","version":"1""#))
  }

  @Test func `a batch is prepared once and processed as often as needed`() throws {
    let stage = FakeStage()
    let runner = try runner(stage)
    let batch = OfflineRunner.batch([Array(#"{"age":4}"#.utf8), Array(#"{"age":5}"#.utf8)])
    for _ in 0..<3 { runner.process(batch) }
    #expect(stage.runs == [0..<2, 0..<2, 0..<2])
    #expect(runner.answers.map(\.status) == [.ok, .ok])
    #expect(runner.answer([[UInt8]]()).isEmpty && runner.answers.isEmpty)
  }
}
