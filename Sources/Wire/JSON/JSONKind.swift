/// The kind of a value on simdjson's tape: the letter in the highest byte of its word.
struct JSONKind: Equatable {
  /// The letter.
  let letter: UInt8

  static let object = JSONKind(letter: UInt8(ascii: "{"))
  static let array = JSONKind(letter: UInt8(ascii: "["))
  static let string = JSONKind(letter: UInt8(ascii: "\""))
  static let int64 = JSONKind(letter: UInt8(ascii: "l"))
  /// A whole number that only fits an unsigned integer.
  static let uint64 = JSONKind(letter: UInt8(ascii: "u"))
  static let double = JSONKind(letter: UInt8(ascii: "d"))
  static let `true` = JSONKind(letter: UInt8(ascii: "t"))
  static let `false` = JSONKind(letter: UInt8(ascii: "f"))
  static let null = JSONKind(letter: UInt8(ascii: "n"))
}
