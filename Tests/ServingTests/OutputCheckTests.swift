import Domain
import Serving
import Testing

/// Outputs that make no sense are never answered.
struct OutputCheckTests {
  /// What a release makes and what becomes of it: nil for an answer, else what the message says.
  struct Case: Sendable, CustomTestStringConvertible {
    var output: OutputSpecification
    var elements: [Value]
    var problem: String?
    var testDescription: String { "\(output.column) \(elements)" }
  }

  private static func number(_ datatype: Datatype, _ value: Double, _ problem: String?) -> Case {
    Case(
      output: GuardRelease.output("y", datatype, minimum: -1, maximum: 0.1), elements: [.number(value)],
      problem: problem)
  }

  static let cases: [Case] =
    [Datatype.float32, .float64].flatMap { datatype in
      [
        number(datatype, 0.1, nil), number(datatype, -1, nil), number(datatype, 0, nil), number(datatype, -0.0, nil),
        number(datatype, .leastNonzeroMagnitude, nil),
        number(datatype, 0.11, "y: the release made 0.11, expected at most 0.1"),
        number(datatype, -1.5, "y: the release made -1.5, expected at least -1"),
        number(datatype, .nan, "y: the release made a number that is not finite"),
        number(datatype, .infinity, "y: the release made a number that is not finite"),
        number(datatype, -.infinity, "y: the release made a number that is not finite"),
      ]
    } + [
      Case(output: GuardRelease.output("y"), elements: [.number(1e308)], problem: nil),
      Case(
        output: GuardRelease.output("y", .float64, width: 3, minimum: 0),
        elements: [.number(0), .number(1), .number(-2)],
        problem: "y[2]: the release made -2, expected at least 0"),
      Case(
        output: GuardRelease.output("y", .float32, width: 2), elements: [.number(.nan), .number(1)],
        problem: "y[0]: the release made a number that is not finite"),
      Case(output: GuardRelease.output("y", .int64, minimum: 0, maximum: 9), elements: [.int64(9)], problem: nil),
      Case(output: GuardRelease.output("y", .int64, maximum: 0x1p53), elements: [.int64(1 << 53)], problem: nil),
      Case(
        output: GuardRelease.output("y", .int64, maximum: 0x1p53), elements: [.int64(1 << 53 + 1)],
        problem: "y: the release made an integer just outside of its bounds"),
      Case(
        output: GuardRelease.output("y", .int64, minimum: -1e300, maximum: 1e300), elements: [.int64(.max)],
        problem: nil),
      Case(
        output: GuardRelease.output("y", .int64, minimum: 0, maximum: 9), elements: [.int64(10)],
        problem: "y: the release made 10, expected at most 9"),
      Case(
        output: GuardRelease.output("y", .int64, values: [.int64(1), .int64(2)]), elements: [.int64(3)],
        problem: "y: the release made 3, which is not one of the values of the output"),
      Case(
        output: GuardRelease.output("y", .bytes, values: [.text("yes"), .text("né")]), elements: [.text("né")],
        problem: nil),
      Case(
        output: GuardRelease.output("y", .bytes, values: [.text("yes"), .text("né")]), elements: [.text("ne")],
        problem: #"y: the release made "ne", which is not one of the values of the output"#),
      Case(
        output: GuardRelease.output("y", .bool, values: [.bool(false)]), elements: [.bool(true)],
        problem: "y: the release made true, which is not one of the values of the output"),
      Case(
        output: GuardRelease.output("y", .float32, values: [.number(0.1), .number(0.2)]), elements: [.number(0.2)],
        problem: nil),
      Case(
        output: GuardRelease.output("y", .float32, values: [.number(0.1), .number(0.2)]), elements: [.number(0.3)],
        problem: "y: the release made 0.3, which is not one of the values of the output"),
    ]

  @Test(arguments: cases) func `P7: an output that makes no sense costs its row alone`(_ tried: Case) throws {
    let sound = tried.output.values?.first ?? (tried.output.column.datatype == .int64 ? .int64(0) : .number(0))
    let soundRow = Array(repeating: sound, count: tried.output.column.width)
    let release = try GuardRelease.load(
      outputs: [tried.output],
      ScriptedStage([tried.output.column]) { x in [x == 7 ? tried.elements : soundRow] })
    let bench = Bench([release])
    let answers = bench.send([1, 7, 2].map { Bench.Request(#"{"x":\#($0)}"#) })
      .filter { $0.destination == .responses }
    try #require(answers.count == 3)
    #expect(answers[0].header("x-status") == "ok")
    #expect(answers[2].header("x-status") == "ok")
    guard let problem = tried.problem else {
      #expect(answers[1].header("x-status") == "ok")
      return
    }
    #expect(answers[1].header("x-status") == "error")
    let quoted = problem.replacing("\"", with: "\\\"")
    #expect(answers[1].text.contains(#""reason":"output_rejected","message":"\#(quoted)","retryable":false}"#))
  }

  @Test func `P7: in an array and an Open Inference body the other rows keep their outputs`() throws {
    let bench = Bench([try GuardRelease.plain(minimum: 0)])
    let array = bench.send(#"[{"x":1},{"x":-1},{"x":3}]"#)
    #expect(array[0].header("x-status") == "partial")
    #expect(array[0].text.contains(#""rows":[{"outputs":{"y":1}},{"error":{"#))
    #expect(array[0].text.hasSuffix(#"{"outputs":{"y":3}}]}"#))
    let tensors = bench.send(#"{"inputs":[{"name":"x","datatype":"FP64","shape":[3],"data":[1,-1,3]}]}"#)
    #expect(tensors[0].text.contains(#""shape":[3],"data":[1,null,3]}"#))
    #expect(
      tensors[0].text.contains(
        #"{"name":"row_error","datatype":"BYTES","shape":[3],"data":["","output_rejected: y: the release made -1, expected at least 0",""]}"#
      ))
  }
}
