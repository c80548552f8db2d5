import Domain
import Serving
import Testing

struct RoutingTests {
  @Test func `a request that names no model is answered by the live release of the default`() throws {
    let bench = Bench([try SampleRelease.load("1")])
    let answers = bench.send(#"{"id":"a","age":30}"#)
    #expect(
      answers.map(\.text) == [
        #"{"id":"a","status":"ok","model":"loan","version":"1","worker":"w-0","generation":7,"outputs":{"score":60}}"#
      ])
    #expect(answers[0].header("x-status") == "ok")
    #expect(answers[0].destination == .responses)
    #expect(answers[0].partition == 1, "partition 5 of the requests, modulo 4")
  }

  @Test func `a topic has a default of its own`() throws {
    let policy = ServingPolicy(worker: "w-0", group: "g", defaultModels: ["others": "risk"], defaultModel: "loan")
    let bench = Bench([try SampleRelease.load("1"), try SampleRelease.load("9", model: "risk")], policy: policy)
    var other = Bench.Request(#"{"age":1}"#)
    other.topic = "others"
    let answers = bench.send([other, Bench.Request(#"{"age":1}"#)])
    #expect(answers[0].text.contains(#""model":"risk","version":"9""#))
    #expect(answers[1].text.contains(#""model":"loan","version":"1""#))
  }

  @Test func `x-model and x-model-version choose the release`() throws {
    let bench = Bench([
      try SampleRelease.load("2"), try SampleRelease.load("1", [(.model, FakeStage(factor: 5))]),
      try SampleRelease.load("9", model: "risk"),
    ])
    let pinned = bench.send(#"{"age":1}"#, [RecordHeader("x-model-version", "1")])
    #expect(pinned[0].text.contains(#""version":"1""#) && pinned[0].text.contains(#""score":5"#))
    let other = bench.send(#"{"age":1}"#, [RecordHeader("x-model", "risk")])
    #expect(other[0].text.contains(#""model":"risk","version":"9""#))
  }

  /// Headers that lead nowhere, and what the answer says.
  static let lost: [(headers: [RecordHeader], reason: String, message: String)] = [
    ([RecordHeader("x-model", "nobody")], "unknown_model", "this worker serves no model nobody"),
    ([RecordHeader("x-model", "../etc")], "unknown_model", "x-model is not the name of a model"),
    ([RecordHeader("x-model", [0xff])], "unknown_model", "x-model is not the name of a model"),
    ([RecordHeader("x-model", "")], "unknown_model", "x-model is not the name of a model"),
    (
      [RecordHeader("x-model-version", "8")], "unknown_version",
      "no release 8 of loan is live or warm; there are 1, 2"
    ),
    (
      [RecordHeader("x-model-version", "\"\n")], "unknown_version",
      "no release of that name of loan is live or warm; there are 1, 2"
    ),
  ]

  @Test(arguments: lost.indices)
  func `a request that leads nowhere is answered with the reason, and its neighbour is scored`(index: Int) throws {
    let (headers, reason, message) = Self.lost[index]
    let bench = Bench([try SampleRelease.load("2"), try SampleRelease.load("1")])
    let answers = bench.send([Bench.Request(#"{"id":"x","age":1}"#, headers), Bench.Request(#"{"age":2}"#)])
    try #require(answers.map(\.destination) == [.responses, .deadLetters, .responses])
    #expect(answers[0].text.contains(#"{"id":"x","status":"error","#))
    #expect(answers[0].text.contains(#""reason":"\#(reason)","message":"\#(message)","#))
    #expect(answers[1].header("__connect.errors.stage") == "ROUTE")
    #expect(answers[2].header("x-status") == "ok")
  }

  @Test func `without a live release the answer says to try again`() throws {
    let bench = Bench([])
    let early = bench.send(#"{"age":1}"#)
    #expect(
      early[0].text.contains(#""reason":"no_live_release","message":"no release of loan is live yet","retryable":true"#)
    )
    bench.table.publish(["loan": ModelRoute(live: nil, generation: 3, pinnable: [:])])
    _ = bench.pipeline.beginTransaction(2)
    let late = bench.send(#"{"age":1}"#)
    #expect(
      late[0].text.contains(#""reason":"no_live_release","message":"no release of loan is live","retryable":true"#))
  }

  @Test func `a model that this worker does not serve is unknown, even if it is loaded`() throws {
    let policy = ServingPolicy(worker: "w-0", group: "g", defaultModel: "loan", servedModels: ["loan"])
    let bench = Bench([try SampleRelease.load("1"), try SampleRelease.load("9", model: "risk")], policy: policy)
    let answers = bench.send(#"{"age":1}"#, [RecordHeader("x-model", "risk")])
    #expect(answers[0].text.contains(#""reason":"unknown_model""#))
  }

  @Test func `P2: new routing is taken when a transaction begins and not before`() throws {
    let bench = Bench()
    #expect(!bench.pipeline.isSwitchWaiting)
    #expect(bench.pipeline.beginTransaction(1) == 0)
    let first = bench.publish([try SampleRelease.load("1")])
    #expect(bench.pipeline.isSwitchWaiting)
    #expect(bench.send(#"{"age":1}"#)[0].text.contains("no_live_release"))
    #expect(bench.pipeline.beginTransaction(2) == first)
    #expect(!bench.pipeline.isSwitchWaiting)
    bench.publish([try SampleRelease.load("2")], generation: 8)
    #expect(bench.send(#"{"age":1}"#)[0].text.contains(#""version":"1","worker":"w-0","generation":7"#))
    _ = bench.pipeline.beginTransaction(3)
    #expect(bench.send(#"{"age":1}"#)[0].text.contains(#""version":"2","worker":"w-0","generation":8"#))
  }

  @Test func `a release that no snapshot holds any more is let go`() throws {
    let bench = Bench()
    weak var old: LoadedRelease?
    do {
      let release = try SampleRelease.load("1")
      old = release
      bench.publish([release])
      _ = bench.pipeline.beginTransaction(1)
      _ = bench.send(#"{"age":1}"#)
    }
    #expect(old != nil)
    bench.publish([try SampleRelease.load("2")])
    #expect(old != nil, "the open transaction still answers with it")
    _ = bench.pipeline.beginTransaction(2)
    #expect(old == nil)
  }
}
