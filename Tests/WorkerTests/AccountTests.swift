import Domain
import Testing

@testable import understudy

/// The demonstration's account must not say good of what is not.
@Suite("The demonstration's account")
struct AccountTests {
  private static let expectations: Account.Expectations = [
    "1": [.init(probability: 0.1, label: "a"), .init(probability: 0.2, label: "b")],
    "2": [.init(probability: 0.7, label: "a"), .init(probability: 0.8, label: "b")],
  ]

  private func request(_ number: Int) -> TopicRecord {
    TopicRecord(partition: Int32(number % 2), offset: Int64(number / 2), value: Array("{\"id\":\"r-\(number)\"}".utf8))
  }

  private func response(_ number: Int, stamped version: String, madeBy maker: String? = nil) -> TopicRecord {
    let outputs = Self.expectations[maker ?? version]?[number % 2]
    let text = """
      {"id":"r-\(number)","status":"ok","version":"\(version)","generation":\(version),\
      "outputs":{"probability":\(outputs?.probability ?? 0),"label":"\(outputs?.label ?? "")"}}
      """
    return TopicRecord(partition: Int32(number % 2), timestamp: Int64(number), value: Array(text.utf8))
  }

  private func account(_ change: (inout [TopicRecord]) -> Void = { _ in }) -> Account {
    var account = Account(expectations: Self.expectations)
    var responses = (0..<6).map { response($0, stamped: $0 < 4 ? "1" : "2") }
    change(&responses)
    for number in 0..<6 { account.addRequest(request(number)) }
    for record in responses { account.addResponse(record) }
    account.settleEarly()
    return account
  }

  @Test("P1 P2: one answer each, in order, by the release that it names: good")
  func good() {
    let account = account()
    #expect(account.isGood)
    #expect(account.sent == 6 && account.answeredOnce == 6 && account.answersByVersion == ["1": 4, "2": 2])
    #expect(account.switches[0]?.map(\.version) == ["1", "2"] && account.switches[0]?.map(\.offset) == [0, 2])
    #expect(account.firstResponses[2]?.time == 4)
  }

  @Test("Responses that are read before their requests count all the same")
  func early() {
    var account = Account(expectations: Self.expectations)
    for number in 0..<6 { account.addResponse(response(number, stamped: "1")) }
    #expect(!account.isGood)
    for number in 0..<6 { account.addRequest(request(number)) }
    #expect(!account.isGood)
    account.settleEarly()
    #expect(account.isGood)
  }

  @Test("P1: one lost response makes it bad")
  func lost() {
    let account = account { $0.remove(at: 3) }
    #expect(!account.isGood && account.unanswered == 1 && account.answeredOnce == 5)
  }

  @Test("P1: one doubled response makes it bad, a third copy is the same request's")
  func doubled() {
    let twice = account { $0.append($0[3]) }
    #expect(!twice.isGood && twice.doubled == 1 && twice.answeredOnce == 5 && twice.unanswered == 0)
    let thrice = account { $0 += [$0[3], $0[3]] }
    #expect(thrice.doubled == 1 && thrice.answeredOnce == 5)
  }

  @Test("P1: one reordered response makes it bad")
  func reordered() {
    let account = account { $0.swapAt(0, 2) }
    #expect(!account.isGood && account.outOfOrder == 1)
  }

  @Test("P2: one response of another release than it names makes it bad")
  func wronglyStamped() {
    let other = account { $0[5] = response(5, stamped: "2", madeBy: "1") }
    #expect(!other.isGood && other.wrong == 1)
    let unknown = account { $0[5] = response(5, stamped: "3", madeBy: "1") }
    #expect(!unknown.isGood && unknown.wrong == 1)
  }

  @Test("P7: an error, and an answer to nobody, make it bad")
  func others() {
    let error = account { $0[5].value = Array(#"{"id":"r-5","status":"error","version":"2"}"#.utf8) }
    #expect(!error.isGood && error.errors == 1)
    let nobody = account { $0.append(TopicRecord(value: Array(#"{"id":"x","status":"ok"}"#.utf8))) }
    #expect(!nobody.isGood && nobody.unknown == 1)
    let unsent = account { $0.append(response(77, stamped: "1")) }
    #expect(!unsent.isGood)
    #expect(!Account(expectations: Self.expectations).isGood)
  }
}
