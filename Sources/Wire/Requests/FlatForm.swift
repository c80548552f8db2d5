import Domain

/// The order in which a producer writes the fields of its contexts, prepared for reading them in one pass.
///
/// An object is of this form if it has exactly these fields, each once and with a single value that can be told from its
/// bytes at a glance: see `FlatReader`. Anything else, good or bad, is for the parser that knows all of JSON.
@safe final class FlatForm {
  /// One field of the object.
  struct Place {
    /// Where its key lies in the form's text, as it stands without space: `{"name":` first, `,"name":` from then on.
    var keyStart: Int
    var keyCount: Int
    /// The first eight bytes of the key, and which of them count.
    var keyWord: UInt64
    var keyMask: UInt64
    /// Number of the name: that of the input, or of `id`.
    var field: Int
    var kind: Kind
    /// Bounds of numbers.
    var minimum: Double
    var maximum: Double
  }

  /// What a value must be.
  enum Kind {
    /// A number for an FP32 column.
    case float32
    /// A number for an FP64 column.
    case float64
    /// A whole number for an INT64 column.
    case int64
    /// `true` or `false`.
    case bool
    /// A string.
    case text
    /// The body's `id`: a string or a whole number, echoed as it is.
    case identifier
  }

  /// The numbers of the names at each place, as `RowFields` numbers them.
  let order: [Int]
  /// The fields in their order.
  let places: UnsafeBufferPointer<Place>
  /// Inputs that objects of this form do not have: each has a default.
  let absent: [Int]
  /// The keys, one behind the other, and slack for whole words.
  let keys: UnsafePointer<UInt8>
  /// 10⁰ to 10¹⁹: exact doubles. Here, since a global is looked up with a lock at each access.
  let powersOfTen: UnsafePointer<Double>

  /// The form of objects whose fields come in this order; nil if there is none: an input is an array or must be looked at
  /// closely, a field is none of the inputs and not the identifier, or one that is required is missing.
  init?(order: [Int], plan: RequestPlan) {
    // An object without fields has no key to begin with.
    guard !order.isEmpty else { return nil }
    var places: [Place] = []
    var text: [UInt8] = []
    for name in order {
      let bytes = plan.names.name(name)
      guard let kind = Self.kind(of: name, plan), Self.isPlain(bytes) else { return nil }
      let key = Array((places.isEmpty ? "{\"" : ",\"").utf8) + bytes + Array("\":".utf8)
      let limits = kind == .identifier ? nil : plan.fields[name]
      places.append(
        Place(
          keyStart: text.count, keyCount: key.count, keyWord: Self.word(key),
          keyMask: JSONNameTable.keep(key.count), field: name, kind: kind, minimum: limits?.minimum ?? 0,
          maximum: limits?.maximum ?? 0))
      text += key
    }
    let present = Set(order)
    absent = plan.fields.indices.filter { !present.contains($0) }
    guard absent.allSatisfy({ plan.fields[$0].hasDefault }) else { return nil }
    self.order = order
    let list = UnsafeMutableBufferPointer<Place>.allocate(capacity: places.count)
    _ = unsafe list.initialize(from: places)
    unsafe self.places = UnsafeBufferPointer(list)
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: text.count + JSONNameTable.slack)
    unsafe memory.initialize(repeating: 0, count: text.count + JSONNameTable.slack)
    for (position, byte) in text.enumerated() { unsafe memory[position] = byte }
    unsafe keys = UnsafePointer(memory)
    let powers = UnsafeMutablePointer<Double>.allocate(capacity: 20)
    var power = 1.0
    for exponent in 0..<20 {
      unsafe (powers + exponent).initialize(to: power)
      power *= 10
    }
    unsafe powersOfTen = UnsafePointer(powers)
  }

  deinit {
    unsafe places.deallocate()
    unsafe keys.deallocate()
    unsafe powersOfTen.deallocate()
  }

  private static func word(_ key: [UInt8]) -> UInt64 {
    key.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func kind(of name: Int, _ plan: RequestPlan) -> Kind? {
    if name == plan.identifierName { return .identifier }
    guard plan.fields.indices.contains(name) else { return nil }
    let field = plan.fields[name]
    guard field.width == 1, !field.hasTextRules else { return nil }
    // Short lists of texts are searched from end to end; for others there is a table, beyond this reader's reach.
    guard !field.isListed || field.datatype == .bytes && plan.hasShortList(name) else { return nil }
    return switch field.datatype {
    case .float32: .float32
    case .float64: .float64
    case .int64: .int64
    case .bool: .bool
    case .bytes: .text
    }
  }

  /// Whether a name stands in a document as it is, so that its bytes can be compared.
  private static func isPlain(_ name: [UInt8]) -> Bool {
    name.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
  }
}
