import Domain
import Foundation
import Testing

@testable import Deployment

@Suite("What a probe's process writes")
struct ProbeOutputTests {
  @Test("Its end is kept, up to a bound, however much came before", arguments: [4000, 1 << 16, 3 << 20])
  func end(pieceBytes: Int) {
    var output = ProbeOutput()
    let piece = Data(repeating: UInt8(ascii: "x"), count: pieceBytes)
    var written = 0
    while written <= 5 * Limits.probeOutputBytes {
      output.append(piece)
      written += pieceBytes
      #expect(output.bytes.count <= 2 * Limits.probeOutputBytes)
    }
    output.append(Data("the report".utf8))
    #expect(output.text.utf8.count == Limits.probeOutputBytes && output.text.hasSuffix("xthe report"))
  }

  @Test("What is less than that is kept whole")
  func whole() {
    var output = ProbeOutput()
    output.append(Data("first ".utf8))
    output.append(Data("and last".utf8))
    #expect(output.text == "first and last")
  }
}
