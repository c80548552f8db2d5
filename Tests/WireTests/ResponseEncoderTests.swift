import Domain
import Testing
import Wire

@Suite struct ResponseEncoderTests {
  @Test(arguments: [
    (
      #"{"id":"r-7","age":1}"#,
      #"{"id":"r-7","status":"error","model":"m","worker":"w","generation":0,"error":{"code":"UNAVAILABLE","reason":"no_live_release","message":"no release of \"m\" is live","retryable":true}}"#
    ),
    (
      #"[{"id":"x"}]"#,
      #"{"id":"t","status":"error","model":"m","worker":"w","generation":0,"error":{"code":"UNAVAILABLE","reason":"no_live_release","message":"no release of \"m\" is live","retryable":true}}"#
    ),
    (
      #"{"inputs":[],"id":5}"#,
      #"{"id":5,"model_name":"m","error":{"code":"UNAVAILABLE","reason":"no_live_release","message":"no release of \"m\" is live","retryable":true},"parameters":{"status":"error","worker":"w","generation":0}}"#
    ),
    (
      "{",
      #"{"id":"t","status":"error","model":"m","worker":"w","generation":0,"error":{"code":"UNAVAILABLE","reason":"no_live_release","message":"no release of \"m\" is live","retryable":true}}"#
    ),
  ])
  func `a request without a release is answered with its own id`(request: String, response: String) {
    var table = RequestTable()
    let bytes = Array(request.utf8)
    unsafe JSONRequestDecoder().decodeIdentifier(bytes.span.bytes, table: &table)
    table.requests[0].failure = table.addFailure(.noLiveRelease, "no release of \"m\" is live", stage: .route)
    if table.requests[0].identifier.isEmpty {
      table.text += Array("\"t\"".utf8)
      table.requests[0].identifier = 0..<3
    }
    let origin = ResponseOrigin(model: "m", version: nil, worker: "w", generation: 0)
    var output: [UInt8] = []
    JSONResponseEncoder().encodeFailure(0, of: table, origin: origin, into: &output)
    #expect(String(decoding: output, as: UTF8.self) == response)
  }

  @Test func `P2: each origin is named by its own responses`() {
    let encoder = JSONResponseEncoder()
    var table = RequestTable()
    var request = RequestTable.Request()
    request.failure = table.addFailure(.modelFailed, "", stage: .model)
    table.requests.append(request)
    for round in 0..<2 {
      for generation in 0..<(2 * Limits.requestPlans) {
        let origin = ResponseOrigin(model: "m", version: "\(round).\(generation)", worker: "w", generation: generation)
        var output: [UInt8] = []
        encoder.encodeFailure(0, of: table, origin: origin, into: &output)
        let text = String(decoding: output, as: UTF8.self)
        #expect(text.contains(#""version":"\#(round).\#(generation)","worker":"w","generation":\#(generation),"#))
      }
    }
  }

  @Test func `P8: a message is cut between characters`() throws {
    var table = RequestTable()
    var request = RequestTable.Request()
    request.failure = table.addFailure(.modelFailed, String(repeating: "é", count: 5000), stage: .model)
    table.requests.append(request)
    var output: [UInt8] = []
    JSONResponseEncoder().encodeFailure(
      0, of: table, origin: ResponseOrigin(model: "m", version: "1", worker: "w", generation: 1), into: &output)
    let message = try JSON(parsing: output)["error"]?["message"]
    guard case .text(let text)? = message else { Issue.record("no message"); return }
    #expect(text.utf8.count <= Limits.errorMessageBytes)
    #expect(text.utf8.count > Limits.errorMessageBytes - 4)
    #expect(text.hasSuffix("é…"))
  }

  @Test func `two schemas in turn are decoded each by its own names`() {
    let decoder = JSONRequestDecoder()
    let request = Array(#"{"a":1,"b":2}"#.utf8)
    for _ in 0..<3 {
      for (name, expected) in [("a", 1.0), ("b", 2.0)] {
        let column = ColumnDescriptor(name: name, datatype: .float64)
        let schema = RequestSchema(inputs: [InputSpecification(column: column)], outputs: [], maximumRows: 1)
        var columns = Columns([column])
        var table = RequestTable()
        unsafe decoder.decode(request.span.bytes, schema: schema, columns: &columns, table: &table)
        #expect(columns[0].float64(at: 0) == expected)
      }
    }
  }

  @Test func `requests of one batch append to the same columns and table`() {
    let decoder = JSONRequestDecoder()
    let schema = RequestSchema(inputs: Exchange.inputs, outputs: Exchange.outputs, maximumRows: 4)
    var columns = Columns(Exchange.inputs.map(\.column))
    var table = RequestTable()
    for request in [
      "{\(RequestGoldenTests.good)}", "[{\(RequestGoldenTests.good)},{}]", "x", OpenInferenceRequests.all[0].request,
    ] {
      let bytes = Array(request.utf8)
      unsafe decoder.decode(bytes.span.bytes, schema: schema, columns: &columns, table: &table)
    }
    #expect(table.requests.map(\.rows) == [0..<1, 1..<3, 3..<3, 3..<5])
    #expect(table.rows.map(\.columnRow) == [0, 1, nil, 2, 3])
    #expect(columns.rowCount == 4)
    #expect(columns[0].float32(at: 3) == 29)
  }
}
