import ArgumentParser
import Domain
import Testing
import Wire

@testable import understudy

/// What a bench sends.
@Suite("The bench's requests")
struct BenchRequestTests {
  private static let inputs: [InputSpecification] = [
    .init(column: .init(name: "flag", datatype: .bool)),
    .init(column: .init(name: "age", datatype: .int64), minimum: 18, maximum: 20),
    .init(column: .init(name: "share", datatype: .float32), minimum: 0.25, maximum: 0.5),
    .init(column: .init(name: "vector", datatype: .float64, width: 3)),
    .init(column: .init(name: "state", datatype: .bytes), values: [.text("FL"), .text("NY")]),
    .init(column: .init(name: "name", datatype: .bytes), minimumLength: 3, maximumLength: 5),
    .init(column: .init(name: "note", datatype: .bytes), isOptional: true),
    .init(column: .init(name: "code", datatype: .bytes), isOptional: true, pattern: "[A-Z]{2}"),
  ]

  private func manifest(unknown: UnknownFields = .ignore) -> Manifest {
    Manifest(name: "loan", version: "1", inputs: Self.inputs, unknownFields: unknown, outputs: [], stages: [])
  }

  @Test("Made contexts keep to types, bounds, lists and lengths, and leave out what may be left out")
  func made() throws {
    var generator = try ContextGenerator(Self.inputs, seed: 7)
    var notes = 0
    for _ in 0..<500 {
      let context = try JSON(parsing: generator.next())
      guard case .bool? = context["flag"], case .integer(let age)? = context["age"],
        case .number(let share)? = context["share"], case .array(let vector)? = context["vector"],
        case .text(let state)? = context["state"], case .text(let name)? = context["name"]
      else {
        Issue.record("\(context.line)")
        return
      }
      #expect((18...20).contains(age) && (0.25...0.5).contains(share) && vector.count == 3)
      #expect(["FL", "NY"].contains(state) && (3...5).contains(name.count) && context["code"] == nil)
      notes += context["note"] == nil ? 0 : 1
    }
    #expect(notes > 300 && notes < 500)
  }

  @Test("The same seed makes the same contexts, another one others")
  func seeds() throws {
    func contexts(_ seed: UInt64) throws -> [[UInt8]] {
      var generator = try ContextGenerator(Self.inputs, seed: seed)
      return (0..<20).map { _ in generator.next() }
    }
    #expect(try contexts(1) == contexts(1))
    #expect(try contexts(1) != contexts(2))
  }

  @Test("A pattern that must be matched asks for a file")
  func pattern() {
    let input = InputSpecification(column: .init(name: "code", datatype: .bytes), pattern: "[A-Z]{2}")
    #expect(throws: CommandFailure.self) { try ContextGenerator([input], seed: 1) }
  }

  @Test("Rows make an array, and bytes are filled up with a field that means nothing", arguments: [1, 3])
  func shape(rows: Int) throws {
    let requests = try BenchRequests([manifest()], files: [], shape: .init(rows: rows, recordBytes: 900, seed: 1))
    for number in 0..<50 {
      let body = requests[number]
      #expect(body.model == "loan" && body.bytes.count == 900)
      let json = try JSON(parsing: body.bytes)
      if case .array(let contexts) = json { #expect(contexts.count == rows) } else { #expect(rows == 1) }
    }
    #expect(requests.averageBytes == 900)
  }

  @Test("Several models take turns")
  func turns() throws {
    var other = manifest()
    other.name = "risk"
    let requests = try BenchRequests([manifest(), other], files: [], shape: .init())
    #expect((0..<4).map { requests[$0].model } == ["loan", "risk", "loan", "risk"])
  }

  @Test("What cannot be sent is said before anything is")
  func refused() {
    #expect(throws: CommandFailure.self) {
      try BenchRequests([manifest(unknown: .reject)], files: [], shape: .init(recordBytes: 900))
    }
    #expect(throws: CommandFailure.self) { try BenchRequests([manifest()], files: ["a", "b"], shape: .init()) }
    #expect(throws: CommandFailure.self) { try BenchRequests([manifest()], files: [], shape: .init(rows: 5000)) }
    #expect(
      throws: CommandFailure.usage("--requests /none: cannot be read; expected a file of rows, or - for standard input")
    ) {
      try BenchRequests([manifest()], files: ["/none"], shape: .init())
    }
  }

  @Test("P8: of a file as many contexts are taken as there is room for, the first ones")
  func longFile() throws {
    let workplace = try Workplace()
    let lines = (0..<Limits.benchContexts + 2).map { "{\"age\":\($0)}\n" }.joined()
    let file = try workplace.write("requests.jsonl", lines)
    let requests = try BenchRequests([manifest()], files: [file], shape: .init())
    #expect(String(decoding: requests[Limits.benchContexts - 1].bytes, as: UTF8.self) == #"{"age":99999}"#)
    // From the start again.
    #expect(String(decoding: requests[Limits.benchContexts].bytes, as: UTF8.self) == #"{"age":0}"#)
  }

  @Test(
    "Options that mean nothing are refused",
    arguments: [
      ["--pipeline", "--records", "0"], ["--pipeline", "--records", "10", "--for", "5s"],
      ["--pipeline", "--batch", "0"], ["--pipeline", "--rows", "0"], ["--pipeline", "--for", "soon"],
      ["--run-rows", "5"], ["--pipeline", "--run-rows", "0"], ["--pipeline", "--run-rows", "65537"],
      ["--pipeline", "--rate", "5"], ["--pipeline", "--swaps", "5"], ["--pipeline", "--lanes", "2"],
      ["--records", "5", "--rate", "5"], ["--for", "5s"], ["--swaps", "3"], ["--rate", "0"],
      ["--rate", "5", "--for", "10ms"], ["--rate", "5", "--swaps", "-1"], ["--delivery", "perhaps"],
      ["--partitions", "0"], ["--partitions", "300"], ["--lanes", "0"], ["extra"],
    ])
  func options(arguments: [String]) {
    #expect(throws: (any Error).self) { try BenchCommand.parse(arguments) }
  }
}
