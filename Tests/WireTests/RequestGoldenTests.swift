import Domain
import Testing

/// Requests good and bad in all three forms, with the exact responses in `Golden/`.
@Suite struct RequestGoldenTests {
  static let good = #""age":41,"income":52000.5,"state":"FL""#

  static let contexts: [(name: String, request: String)] = [
    ("a good context", #"{"id":"r-7",\#(good)}"#),
    ("all fields", #"{"id":7,\#(good),"visits":-3,"member":false,"pixels":[1,2.5,-3],"note":"x","tier":2}"#),
    ("null is absent for an optional field", #"{"id":"r",\#(good),"visits":null,"pixels":null}"#),
    ("null in a required field", #"{"id":"r","age":null,"income":1,"state":"FL"}"#),
    ("a required field is missing", #"{"id":"r","age":41,"state":"FL"}"#),
    ("no id", "{\(good)}"),
    ("null as id", #"{"id":null,\#(good)}"#),
    ("the largest integer id", #"{"id":18446744073709551615,\#(good)}"#),
    ("an id with escapes", #"{"id":"a\"\\\/\b\f\n\r\t\u0001\u00e9\ud83c\udf4c",\#(good)}"#),
    ("a number that is no integer as id", #"{"id":7.5,\#(good)}"#),
    ("an object as id", #"{"id":{},\#(good)}"#),
    ("unknown fields are ignored", #"{"zip":[1,{"age":2}],"id":"r",\#(good),"outputs":3,"parameters":{}}"#),
    ("inputs that are no array are an unknown field", #"{"inputs":{"age":1},"id":"r",\#(good)}"#),
    ("of a key that comes twice the last one counts", #"{"id":"a","age":"lots",\#(good),"id":"b","age":42}"#),
    ("also when the last one is bad", #"{"id":"r",\#(good),"age":"lots"}"#),
    ("text instead of a number", #"{"id":"r-9","age":41,"income":"lots","state":"FL"}"#),
    (
      "a long text is shortened", #"{"id":"r","age":41,"income":"\#(String(repeating: "é", count: 100))","state":"FL"}"#
    ),
    ("control characters are escaped", #"{"id":"r","age":"\u0000\n\u001b[31m\u202e\"\\","income":1,"state":"FL"}"#),
    ("a truth value instead of a number", #"{"id":"r","age":true,"income":1,"state":"FL"}"#),
    ("a number instead of a string", #"{"id":"r","age":41,"income":1,"state":7}"#),
    ("a number instead of a truth value", #"{"id":"r",\#(good),"member":1}"#),
    ("below the minimum", #"{"id":"r","age":-0.5,"income":1,"state":"FL"}"#),
    ("above the maximum", #"{"id":"r","age":131,"income":1,"state":"FL"}"#),
    ("not in the list", #"{"id":"r","age":41,"income":1,"state":"TX"}"#),
    ("in the list, beyond ASCII", #"{"id":"r","age":41,"income":1,"state":"\u00cele-de-France"}"#),
    ("not in a list of integers", #"{"id":"r",\#(good),"tier":3}"#),
    ("an integral number as integer", #"{"id":"r",\#(good),"visits":41.0}"#),
    ("a fraction as integer", #"{"id":"r",\#(good),"visits":41.5}"#),
    ("integers at the edges", #"{"id":"r",\#(good),"visits":-9223372036854775808}"#),
    ("an integer just beyond 64 bits", #"{"id":"r",\#(good),"visits":9223372036854775808}"#),
    ("a number beyond 64 bits as integer", #"{"id":"r",\#(good),"visits":1e19}"#),
    ("too large for FP32", #"{"id":"r",\#(good),"pixels":[1,3.5e38,2]}"#),
    ("large, but FP64 holds it", #"{"id":"r","age":41,"income":1e300,"state":"FL"}"#),
    ("too large for FP64", #"{"id":"r","age":41,"income":1e400,"state":"FL"}"#),
    ("too few elements", #"{"id":"r",\#(good),"pixels":[1,2]}"#),
    ("too many elements", #"{"id":"r",\#(good),"pixels":[1,2,3,4]}"#),
    ("a number for an array", #"{"id":"r",\#(good),"pixels":1}"#),
    ("null among elements", #"{"id":"r",\#(good),"pixels":[1,null,3]}"#),
    ("text among elements", #"{"id":"r",\#(good),"pixels":[1,2,"x"]}"#),
    ("an array for a number", #"{"id":"r","age":[41],"income":1,"state":"FL"}"#),
    ("an empty object", "{}"),
  ]

  static let documents: [(name: String, request: String)] = [
    ("nothing", ""), ("space", "  \n"), ("a number", "42"), ("a string", #""age""#), ("null", "null"),
    ("no JSON", "age=41"), ("an unquoted key", "{age:41}"), ("a comma too many", #"{"age":41,}"#),
    ("something after the end", #"{"age":41} {"age":41}"#), ("a bracket too many", #"{"age":41}}"#),
    ("a bracket too few", #"{"age":41"#), ("an open string", #"{"age":"4"#), ("a wrong escape", #"{"age":"\x"}"#),
    ("a control character in a string", "{\"age\":\"a\u{1}b\"}"), ("a leading zero", #"{"age":041}"#),
    ("NaN", #"{"age":NaN}"#), ("Infinity", #"{"age":Infinity}"#), ("a wrong word", #"{"age":tru}"#),
    ("a byte order mark", "\u{FEFF}{}"), ("a lone high surrogate", #"{"id":"\ud800"}"#),
    ("a lone low surrogate", #"{"id":"\udc00"}"#),
    ("a deep array", String(repeating: "[", count: 64) + "1" + String(repeating: "]", count: 64)),
    ("too deep an array", String(repeating: "[", count: 65) + "1" + String(repeating: "]", count: 65)),
    ("an integer beyond all", #"{"income":123456789012345678901234567890}"#),
  ]

  static let arrays: [(name: String, request: String)] = [
    ("two good rows", #"[{\#(good)},{\#(good),"visits":8}]"#),
    ("rows with ids", #"[{"id":"a",\#(good)},{\#(good)},{"id":3,\#(good)}]"#),
    ("one bad row hurts only itself", #"[{"id":"a",\#(good)},{"id":"b","age":"x"},{"id":"c",\#(good)}]"#),
    ("a row that is no object", #"[{\#(good)},[1],null,"x"]"#),
    ("a bad id in a row", #"[{"id":[],\#(good)},{"id":"b",\#(good)}]"#),
    ("all rows bad", #"[{"age":1},{"age":2}]"#),
    ("keys in another order", #"[{\#(good)},{"state":"NY","income":2,"age":3},{\#(good)}]"#),
    ("a field of the row before is not kept", #"[{\#(good),"note":"x","pixels":[1,2,3]},{\#(good)}]"#),
    ("an empty array", "[]"),
    ("as many rows as allowed", "[" + Array(repeating: "{\(good)}", count: 4).joined(separator: ",") + "]"),
    ("too many rows", "[" + Array(repeating: "{\(good)}", count: 5).joined(separator: ",") + "]"),
  ]

  @Test func `P7: contexts get the expected responses`() throws {
    try check(Self.contexts, "contexts.txt")
  }

  @Test func `P7: what is no request gets the expected responses`() throws {
    try check(Self.documents, "documents.txt")
  }

  @Test func `P7: arrays of contexts get the expected responses`() throws {
    try check(Self.arrays, "arrays.txt")
  }

  @Test func `P7: Open Inference bodies get the expected responses`() throws {
    try check(OpenInferenceRequests.all, "open-inference.txt")
  }

  private func check(_ requests: [(name: String, request: String)], _ file: String) throws {
    let exchange = Exchange()
    var text = ""
    for (name, request) in requests {
      let (status, response, rowCount) = exchange.answer(request)
      #expect(exchange.table.requests.count == 1)
      let good = exchange.table.rows.count { $0.failure == nil }
      #expect(rowCount == good, "\(name)")
      text += "# \(name)\n\(request.replacing("\n", with: "⏎"))\n\(status.rawValue) \(response)\n\n"
    }
    try Golden.check(text, file)
  }
}
