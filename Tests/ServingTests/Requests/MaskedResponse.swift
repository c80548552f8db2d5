/// A response with what is for people cut out, and what was cut out.
struct MaskedResponse {
  /// The response with empty messages; each of `row_error` and `row_remark` ends with its reason.
  private(set) var text = ""
  /// The messages in their order, as JSON wrote them.
  private(set) var messages: [String] = []

  /// A quote within a string is escaped, so neither mark can be part of one.
  init(_ response: String) {
    var rest = Array(response.utf8)[...]
    let message = Array(#""message":""#.utf8)
    let rowTexts = ["row_error", "row_remark"].map { Array(#""name":"\#($0)","datatype":"BYTES","shape":["#.utf8) }
    var masked: [UInt8] = []
    while let byte = rest.first {
      if rest.starts(with: message) {
        masked += message
        rest = rest.dropFirst(message.count)
        messages.append(Self.string(&rest))
      } else if let start = rowTexts.first(where: { rest.starts(with: $0) }) {
        masked += start
        rest = rest.dropFirst(start.count)
        while let byte = rest.first, byte != UInt8(ascii: "\"") { masked.append(byte); rest = rest.dropFirst() }
        masked += [UInt8](#""data":["#.utf8)
        rest = rest.dropFirst(#""data":["#.utf8.count)
        maskRows(&rest, &masked)
      } else {
        masked.append(byte)
        rest = rest.dropFirst()
      }
    }
    text = String(decoding: masked, as: UTF8.self)
  }

  /// The strings of `row_error` or `row_remark`: `reason: message`, or nothing for a row that needs none.
  private mutating func maskRows(_ rest: inout ArraySlice<UInt8>, _ masked: inout [UInt8]) {
    while let byte = rest.first, byte != UInt8(ascii: "]") {
      masked.append(byte)
      rest = rest.dropFirst()
      guard byte == UInt8(ascii: "\"") else { continue }
      let row = Self.string(&rest)
      if let colon = row.firstRange(of: ": ") {
        masked += Array(row[..<colon.upperBound].utf8)
        messages.append(String(row[colon.upperBound...]))
      } else {
        masked += Array(row.utf8)
      }
      masked.append(UInt8(ascii: "\""))
      rest = rest.dropFirst()
    }
  }

  /// Takes a string up to its closing quote.
  private static func string(_ rest: inout ArraySlice<UInt8>) -> String {
    var isEscaped = false
    var bytes: [UInt8] = []
    while let byte = rest.first, isEscaped || byte != UInt8(ascii: "\"") {
      isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
      bytes.append(byte)
      rest = rest.dropFirst()
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
