import Domain
import TestSupport
import Testing
import Wire

@Suite struct HostileRequestTests {
  private static let seeds: [String] =
    [
      #"{"id":"r-7",\#(RequestGoldenTests.good),"visits":-3,"member":false,"pixels":[1,2.5,-3],"note":"é\n🍌","tier":2}"#,
      #"[{"id":"a",\#(RequestGoldenTests.good)},{"id":3,\#(RequestGoldenTests.good)}]"#,
    ] + OpenInferenceRequests.all.prefix(8).map(\.request)

  @Test func `P7: a request cut at any byte is answered once`() throws {
    let exchange = Exchange()
    for seed in Self.seeds {
      let bytes = Array(seed.utf8)
      for count in 0..<bytes.count {
        try check(exchange, Array(bytes[..<count]), "\(seed) cut at \(count)")
        #expect(exchange.table.requests.first?.failure != nil)
      }
    }
  }

  @Test func `P7: a request with bytes changed, dropped and repeated is answered once`() throws {
    let exchange = Exchange()
    var generator = SeededGenerator()
    for round in 0..<20_000 {
      var bytes = Array((Self.seeds.randomElement(using: &generator) ?? "").utf8)
      for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&bytes, &generator) }
      try check(exchange, bytes, "seed \(generator.seed), round \(round)")
    }
  }

  @Test func `P7: neighbours of a bad request are decoded as if it were not there`() {
    let exchange = Exchange()
    let good = "{\(RequestGoldenTests.good)}"
    let alone = exchange.answer(good).response
    for bad in RequestGoldenTests.documents + RequestGoldenTests.contexts {
      _ = exchange.answer(bad.request)
      #expect(exchange.answer(good).response == alone, "after \(bad.name)")
    }
  }

  @Test func `P8: a message about a huge value stays small`() {
    let exchange = Exchange()
    let huge = String(repeating: "\\u0000", count: 100_000)
    let (status, response, _) = exchange.answer(#"{"id":"r","age":"\#(huge)","income":1,"state":"FL"}"#)
    #expect(status == .error)
    #expect(response.utf8.count < 1500)
  }

  @Test func `P8: an id longer than the limit is refused, one as long is echoed`() {
    let exchange = Exchange()
    for extra in [0, 1] {
      let id = String(repeating: "x", count: Limits.identifierBytes + extra)
      let (status, response, _) = exchange.answer(#"{"id":"\#(id)",\#(RequestGoldenTests.good)}"#)
      #expect(status == (extra == 0 ? .ok : .error))
      #expect(response.contains(id) == (extra == 0))
      if extra == 1 { #expect(response.contains("id: expected at most 512 bytes, got 513")) }
    }
  }

  private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    guard let at = bytes.indices.randomElement(using: &generator) else { return }
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: bytes[at] = .random(in: 0...255, using: &generator)
    case 1: bytes.remove(at: at)
    case 2: bytes.insert(bytes[at], at: at)
    case 3: bytes[at] = Array(#"{}[]",:0-e.\ntf"#.utf8).randomElement(using: &generator) ?? 0
    default:
      let end = min(bytes.count, at + Int.random(in: 1...20, using: &generator))
      bytes.insert(contentsOf: bytes[at..<end], at: bytes.indices.randomElement(using: &generator) ?? 0)
    }
  }

  /// One entry, a response that is JSON, and as many rows in the columns as are good.
  private func check(_ exchange: Exchange, _ request: [UInt8], _ comment: String) throws {
    let (_, response, rowCount) = exchange.answer(request)
    #expect(exchange.table.requests.count == 1, "\(comment)")
    #expect(rowCount == exchange.table.rows.count { $0.failure == nil }, "\(comment)")
    #expect(throws: Never.self, "\(comment)") { try JSON(parsing: response) }
    let expected = exchange.table.requests.first?.rows
    #expect(expected == 0..<exchange.table.rows.count, "\(comment)")
    var table = RequestTable()
    unsafe exchange.decoder.decodeIdentifier(request.span.bytes, table: &table)
    #expect(table.requests.count == 1, "\(comment)")
  }
}
