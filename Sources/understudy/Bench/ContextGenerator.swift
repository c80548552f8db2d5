import Domain
import Wire

/// Makes contexts that a release accepts, of nothing but the inputs of its manifest: types, bounds, lists and lengths
/// are respected, and one optional field in ten is left out.
struct ContextGenerator {
  private let inputs: [InputSpecification]
  private var random: SplitMix

  /// The span of numbers that have no bounds, and of those that have one, from it.
  private static let span = 100.0
  /// The longest text that is made where a longer one is allowed.
  private static let textLength = 12
  /// Whole numbers beyond are no longer exact as `Double`.
  private static let exact = 9_007_199_254_740_992.0

  /// A generator.
  /// - Throws: if an input must match a pattern, which nothing here can make a text of.
  init(_ inputs: [InputSpecification], seed: UInt64) throws(CommandFailure) {
    for input in inputs where input.pattern != nil && input.values == nil && !input.isOptional {
      throw .usage(
        "\(input.column.name) must match a pattern, and texts are not made by patterns: give contexts with --requests FILE"
      )
    }
    self.inputs = inputs
    random = SplitMix(seed: seed)
  }

  /// The next context as JSON.
  mutating func next() -> [UInt8] {
    var fields: [JSON.Field] = []
    for input in inputs {
      let isLeftOut = input.isOptional && Int.random(in: 0..<10, using: &random) == 0
      if isLeftOut || input.pattern != nil && input.values == nil { continue }
      var elements: [JSON] = []
      for _ in 0..<input.column.width { elements.append(element(of: input)) }
      fields.append(.init(input.column.name, elements.count == 1 ? elements[0] : .array(elements)))
    }
    return JSON.object(fields).bytes
  }

  private mutating func element(of input: InputSpecification) -> JSON {
    if let value = input.values?.randomElement(using: &random) { return Self.json(value) }
    switch input.column.datatype {
    case .bool: return .bool(Bool.random(using: &random))
    case .int64:
      let (lower, upper) = bounds(of: input)
      let (first, last) = (Int64(lower.rounded(.up)), Int64(upper.rounded(.down)))
      return .integer(first < last ? Int64.random(in: first...last, using: &random) : first)
    case .float32, .float64:
      let (lower, upper) = bounds(of: input)
      // Inside of the bounds, so that no rounding leaves them.
      let value = lower + (upper - lower) * Double.random(in: 0.001...0.999, using: &random)
      return .number(upper - lower > 1 ? (value * 1000).rounded() / 1000 : value)
    case .bytes: return .text(text(of: input))
    }
  }

  private static func json(_ value: Value) -> JSON {
    switch value {
    case .bool(let value): .bool(value)
    case .int64(let value): .integer(value)
    case .number(let value): .number(value)
    case .text(let value): .text(value)
    }
  }

  private func bounds(of input: InputSpecification) -> (lower: Double, upper: Double) {
    let lower = input.minimum ?? input.maximum.map { $0 - Self.span } ?? 0
    let upper = input.maximum ?? lower + Self.span
    return (max(lower, -Self.exact), min(upper, Self.exact))
  }

  private mutating func text(of input: InputSpecification) -> String {
    let least = input.minimumLength ?? 1
    let most = max(least, min(input.maximumLength ?? Self.textLength, Self.textLength))
    let length = Int.random(in: least...most, using: &random)
    var text = ""
    for _ in 0..<length { text.append(Character(Unicode.Scalar(UInt8.random(in: 97...122, using: &random)))) }
    return text
  }
}
