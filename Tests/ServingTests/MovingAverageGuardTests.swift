import Domain
import Serving
import Testing
import Wire

struct MovingAverageGuardTests {
  private static let rules = AnswerGuard(
    movingAverages: [MovingAverageRule(output: "y", rows: 50, deviations: 4, minimumRows: 20)])

  private static func bench(_ averages: MovingAverages, _ version: String = "1") throws -> Bench {
    let release = try GuardRelease.plain("loan", version, maximum: 10_000, guard: rules)
    let bench = Bench(averages: averages)
    bench.publish([release])
    _ = bench.pipeline.beginTransaction(1)
    return bench
  }

  private static func requests(_ values: [Double]) -> [Bench.Request] {
    values.map { Bench.Request(#"{"id":1,"x":\#($0)}"#) }
  }

  private static let usual = (0..<40).map { 100 + Double($0 % 5) }

  @Test func `a value that leaves its moving average is held, shown to who reviews it and not as an answer`() throws {
    let bench = try Self.bench(MovingAverages())
    let answers = bench.send(Self.requests(Self.usual + [150, 101]))
    #expect(answers.prefix(40).allSatisfy { $0.header("x-status") == "ok" })
    #expect(answers[40].header("x-status") == "held")
    #expect(answers[40].text.contains(#""generation":7,"guard":{"reason":"held_for_review","message":"y: 150 lies "#))
    #expect(answers[40].text.hasSuffix(#","outputs":{"y":150}}}"#))
    #expect(answers[41].header("x-status") == "ok")
    #expect(answers.count == 42, "what is held is no dead letter")
    #expect(bench.counters.snapshot.held == 1)
  }

  @Test func `nothing is held before enough rows were seen, and rows that failed are not among them`() throws {
    let averages = MovingAverages()
    let bench = try Self.bench(averages)
    _ = bench.send(Self.requests([100, 20_000, 102, 103]))
    let key = MovingAverages.Key(model: "loan", output: "y")
    #expect(averages.snapshot[key]?.count == 3)
    #expect(bench.send(Self.requests([9000]))[0].header("x-status") == "ok")
  }

  @Test func `P6: the average goes on over releases, lanes and restarts`() throws {
    let averages = MovingAverages()
    _ = try Self.bench(averages).send(Self.requests(Self.usual))
    #expect(try Self.bench(averages, "2").send(Self.requests([150]))[0].header("x-status") == "held")
    let texts = averages.snapshot.mapValues(\.description)
    let restored = MovingAverages(texts.compactMapValues { MovingAverage($0) })
    #expect(restored.snapshot == averages.snapshot)
    #expect(try Self.bench(restored).send(Self.requests([150, 103])).map { $0.header("x-status") } == ["held", "ok"])
  }

  @Test func `a release that is judged offline neither holds nor learns`() throws {
    let release = try GuardRelease.plain("loan", "1", guard: Self.rules)
    let runner = OfflineRunner(release, decoder: JSONRequestDecoder(), encoder: JSONResponseEncoder())
    let answers = runner.answer((Self.usual + [9000]).map { Array(#"{"x":\#($0)}"#.utf8) })
    #expect(answers.allSatisfy { $0.status == .ok })
  }
}
