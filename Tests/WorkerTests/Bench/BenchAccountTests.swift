import Domain
import Testing

@testable import understudy

/// The account of a bench must not say good of what is not.
@Suite("The bench's account")
struct BenchAccountTests {
  private func response(_ key: String?, status: String = "ok", at time: Int64 = 5) -> TopicRecord {
    TopicRecord(
      timestamp: time, key: key.map { Array($0.utf8) }, value: Array(#"{"status":"\#(status)"}"#.utf8),
      headers: [RecordHeader("x-status", Array(status.utf8))])
  }

  private func account(_ responses: [TopicRecord], sent: Int = 3, inTopic: Int = 3) -> BenchAccount {
    var account = BenchAccount()
    for record in responses { _ = account.take(record) }
    (account.sent, account.inTopic) = (sent, inTopic)
    return account
  }

  @Test("P1: one answer each is good, and marked answers are answers")
  func good() {
    let account = account([response("0", at: 9), response("2", status: "held", at: 4), response("1", at: 7)])
    #expect(account.isGood && account.answeredOnce == 3 && account.missing == 0)
    #expect(account.firstTime == 4 && account.lastTime == 9)
    #expect(account.text.contains("exactly once"))
  }

  @Test("P1: what is missing, doubled, an error, or an answer to nothing makes it bad")
  func bad() {
    let whole = (0..<3).map { response("\($0)") }
    let missing = account(Array(whole.dropLast()))
    #expect(!missing.isGood && missing.missing == 1)
    let doubled = account(whole + [whole[1], whole[1]])
    #expect(!doubled.isGood && doubled.doubled == 1 && doubled.answeredOnce == 2 && doubled.missing == 0)
    let wrong = account(Array(whole.dropLast()) + [response("2", status: "error")])
    #expect(!wrong.isGood && wrong.errors == 1 && wrong.firstError == #"{"status":"error"}"#)
    for key in [nil, "", "x", "-1", "12345678901"] {
      let foreign = account(whole + [response(key)])
      #expect(!foreign.isGood && foreign.unknown == 1, "\(key ?? "nil")")
    }
    #expect(!account(whole, inTopic: 4).isGood && !account([], sent: 0, inTopic: 0).isGood)
    #expect(missing.text.contains("DOES NOT ADD UP"))
  }

  @Test("The first answer to a request has its number, others have none")
  func numbers() {
    var account = BenchAccount()
    #expect(account.take(response("70000")) == 70_000)
    #expect(account.take(response("70000")) == nil && account.take(response("0")) == 0)
  }

  @Test("The embedded broker is given as many partitions as hold the load, or says what to lower")
  func room() throws {
    let room = EmbeddedRoom(requestBytes: 1000, responseBytes: 200)
    #expect(try room.partitions(for: 100, wanted: nil) == EmbeddedRoom.standardPartitions)
    let many = try room.partitions(for: 200_000, wanted: nil)
    #expect(room.capacity(many) >= 200_000 && room.capacity(many - 1) < 200_000)
    #expect(many * EmbeddedRoom.partitionBytes > 200_000 * 1040)
    #expect(try room.partitions(for: 200_000, wanted: many) == many)
    func refusal(_ records: Int, _ wanted: Int?) -> String {
      do {
        return "\(try room.partitions(for: records, wanted: wanted))"
      } catch { return error.description }
    }
    #expect(
      refusal(200_000, 10).contains("raise --partitions 10 to \(many), or lower --records to \(room.capacity(10))"))
    #expect(try room.partitions(waitingAt: 100) == 1 && room.partitions(waitingAt: 10_000) == 11)
    #expect(throws: CommandFailure.self) { try room.partitions(waitingAt: 1_000_000) }
    #expect(refusal(50_000_000, nil).contains("lower --records to \(room.capacity(EmbeddedRoom.partitionCeiling))"))
  }

  @Test("The generation of an answer is found in contexts, arrays and tensors")
  func generations() {
    func generation(_ text: String) -> Int64? { ResponseWatch.generation(Array(text.utf8)) }
    #expect(generation(#"{"id":"\"generation\":9","worker":"w","generation":12,"outputs":{}}"#) == 12)
    #expect(generation(#"{"parameters":{"worker":"w","generation":3}}"#) == 3)
    #expect(generation("{}") == nil && generation("") == nil)
  }
}
