import CSimdJSON
import Domain

/// The order in which a producer writes the fields of its contexts, prepared for reading them in one pass: objects that
/// have exactly these fields, each once and with a single value.
///
/// Anything else, good or bad, is not of this form and is for the parser that knows all of JSON.
@safe final class FlatForm {
  /// Numbers of the names at each place, as `RowFields` numbers them.
  let order: [Int]
  /// For each name the position of its value on a flat tape; 0 for those that objects of this form do not have.
  let positions: [Int]
  private let names: UnsafeMutablePointer<UInt8>
  private let fields: UnsafeMutableBufferPointer<understudy_json_field>

  /// The form of objects whose fields come in this order; nil if they cannot be read in one pass: an input is an array,
  /// or a field is none of the inputs and not the identifier.
  init?(order: [Int], plan: RequestPlan) {
    var kinds: [UInt32] = []
    for name in order {
      guard let kind = Self.kind(of: name, plan), Self.isPlain(plan.names.name(name)) else { return nil }
      kinds.append(kind)
    }
    self.order = order
    var positions = Array(repeating: 0, count: plan.names.count)
    for (place, name) in order.enumerated() { positions[name] = 1 + place * Int(UNDERSTUDY_JSON_FLAT_WORDS) }
    self.positions = positions
    let texts = order.map { plan.names.name($0) + [UInt8(ascii: "\"")] }
    unsafe names = .allocate(capacity: max(1, texts.reduce(0) { $0 + $1.count }))
    unsafe fields = .allocate(capacity: order.count)
    var start = 0
    for (place, text) in texts.enumerated() {
      for (offset, byte) in text.enumerated() { unsafe names[start + offset] = byte }
      unsafe fields.initializeElement(
        at: place,
        to: understudy_json_field(name: names + start, name_size: UInt32(text.count), kind: kinds[place]))
      start += text.count
    }
  }

  deinit {
    unsafe names.deallocate()
    unsafe fields.deallocate()
  }

  /// Lends the fields as the parser wants them.
  func withFields<Result>(_ body: (UnsafePointer<understudy_json_field>?, Int) -> Result) -> Result {
    unsafe body(UnsafePointer(fields.baseAddress), fields.count)
  }

  private static func kind(of name: Int, _ plan: RequestPlan) -> UInt32? {
    if name == plan.identifierName { return UInt32(UNDERSTUDY_JSON_IDENTIFIER_FIELD) }
    guard plan.fields.indices.contains(name), plan.fields[name].width == 1 else { return nil }
    return switch plan.fields[name].datatype {
    case .float32, .float64, .int64: UInt32(UNDERSTUDY_JSON_NUMBER_FIELD)
    case .bool: UInt32(UNDERSTUDY_JSON_TRUTH_FIELD)
    case .bytes: UInt32(UNDERSTUDY_JSON_TEXT_FIELD)
    }
  }

  /// Whether a name stands in a document as it is, so that its bytes can be compared.
  private static func isPlain(_ name: [UInt8]) -> Bool {
    name.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
  }
}
