import Domain

@testable import understudy

/// Request number n of a seed: nine in ten are good, the others are bad in ways that hurt nobody else.
struct ChaosRequest: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    /// A number that each stage multiplies.
    case number(Int)
    case missingField
    case text
    case garbage
  }

  var number: Int
  var kind: Kind

  init(_ number: Int, seed: UInt64) {
    self.number = number
    var generator = SplitMix(seed: seed &+ UInt64(number))
    switch Int.random(in: 0..<100, using: &generator) {
    case 0..<3: kind = .missingField
    case 3..<6: kind = .text
    case 6..<9: kind = .garbage
    // Times 27 it is still a whole number for FP32.
    default: kind = .number(.random(in: 0..<500_000, using: &generator))
    }
  }

  /// By which a response and a dead letter are known.
  var key: [UInt8] { Array("k-\(number)".utf8) }

  var value: [UInt8] {
    switch kind {
    case .number(let x): Array(#"{"id":"r-\#(number)","x":\#(x)}"#.utf8)
    case .missingField: Array(#"{"id":"r-\#(number)"}"#.utf8)
    case .text: Array(#"{"id":"r-\#(number)","x":"many"}"#.utf8)
    case .garbage: Array(#"{"id":"r-\#(number)","x":"#.utf8)
    }
  }

  /// Why it is answered with an error; nil if it is not.
  var reason: ResponseReason? {
    switch kind {
    case .number: nil
    case .missingField: .missingField
    case .text: .schemaMismatch
    case .garbage: .decodeFailed
    }
  }

  /// The number in a key.
  static func number(_ key: [UInt8]?) -> Int? {
    guard let key, key.starts(with: "k-".utf8) else { return nil }
    return Int(String(decoding: key.dropFirst(2), as: UTF8.self))
  }
}
