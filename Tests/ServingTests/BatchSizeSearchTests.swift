import Domain
import Serving
import Testing
import Wire

struct BatchSizeSearchTests {
  private func best(_ measured: [(Int, Double)]) -> Int {
    BatchSizeSearch(measured: measured.map { .init(rows: $0, rowsPerSecond: $1) }).best
  }

  @Test func `the smallest size that is nearly as fast as the fastest is taken`() {
    #expect(best([(1, 10), (8, 60), (32, 96), (128, 100), (512, 99)]) == 32)
    #expect(best([(1, 10), (8, 60), (32, 94), (128, 100)]) == 128)
    #expect(best([(1, 100), (8, 100)]) == 1)
    #expect(best([]) == Limits.gateBatchRows)
  }

  @Test func `every size is tried with real rows`() throws {
    let stage = FakeStage()
    let runner = OfflineRunner(
      try SampleRelease.load("1", [(.model, stage)]), style: .stored, decoder: JSONRequestDecoder(),
      encoder: JSONResponseEncoder())
    let search = BatchSizeSearch(runner, sample: [Array(#"{"age":1}"#.utf8), Array(#"{"age":2}"#.utf8)])
    #expect(search.measured.map(\.rows) == Limits.batchSizes)
    #expect(search.measured.allSatisfy { $0.rowsPerSecond > 0 })
    #expect(stage.runs.contains { $0.count == 1 })
    #expect(Limits.batchSizes.contains(search.best))
  }
}
