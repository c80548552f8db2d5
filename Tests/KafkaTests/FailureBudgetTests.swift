import Testing

@testable import Kafka

@Suite("How often a lane may fail")
struct FailureBudgetTests {
  private func failure(_ body: () throws(KafkaError) -> Void) -> KafkaError? {
    do throws(KafkaError) { try body() } catch { return error }
    return nil
  }

  @Test("Waits double from 50 ms to 5 s, the first failure waits for nothing, and a success begins anew")
  func waits() throws {
    var budget = FailureBudget()
    let expected = [0, 50, 100, 200, 400, 800, 1600, 3200, 5000, 5000]
    for milliseconds in expected {
      #expect(try budget.failed(isFence: false, text: "x") == .milliseconds(milliseconds))
    }
    budget.succeeded()
    #expect(try budget.failed(isFence: false, text: "x") == .zero)
  }

  @Test("After 24 failures in a row a lane gives up with the last reason, and a restart may help")
  func inARow() throws {
    var budget = FailureBudget()
    for _ in 0..<24 { _ = try budget.failed(isFence: false, text: "x") }
    let error = failure { () throws(KafkaError) in _ = try budget.failed(isFence: false, text: "no coordinator") }
    guard case .retry(let message)? = error else { Issue.record("\(String(describing: error))"); return }
    #expect(message.hasSuffix("no coordinator"))
  }

  @Test("The third fence in five minutes means that another process has the slot, also with successes in between")
  func fences() throws {
    var budget = FailureBudget()
    for _ in 0..<2 {
      _ = try budget.failed(isFence: true, text: "fenced")
      budget.succeeded()
    }
    let error = failure { () throws(KafkaError) in _ = try budget.failed(isFence: true, text: "fenced") }
    guard case .fenced(let message)? = error else { Issue.record("\(String(describing: error))"); return }
    #expect(message.contains("slot"))
  }
}
