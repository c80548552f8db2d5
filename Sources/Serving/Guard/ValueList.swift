import Domain

/// Values that elements of a column are looked up in, prepared so that a look allocates nothing.
struct ValueList: Sendable {
  private let numbers: [Double]
  private let integers: [Int64]
  private let texts: [[UInt8]]
  private let truths: [Bool]
  private let datatype: Datatype

  /// A list of values of a column's datatype; numbers of FP32 as FP32 holds them.
  init(_ values: [Value], _ datatype: Datatype) {
    self.datatype = datatype
    numbers = values.map { value in
      switch value {
      case .number(let number): datatype == .float32 ? Double(Float(number)) : number
      case .int64(let integer): Double(integer)
      case .bool, .text: .nan
      }
    }
    integers = values.map { value in
      switch value {
      case .int64(let integer): integer
      case .number(let number): Int64(exactly: number) ?? 0
      case .bool, .text: 0
      }
    }
    texts = values.map { if case .text(let text) = $0 { Array(text.utf8) } else { [] } }
    truths = values.map { $0 == .bool(true) }
  }

  /// Position of an element in the list; nil if it is not there.
  func position(of index: Int, in column: Column) -> Int? {
    switch datatype {
    case .float32, .float64:
      let number = column.number(at: index)
      return numbers.firstIndex { $0 == number }
    case .int64:
      let integer = column.int64(at: index)
      return integers.firstIndex { $0 == integer }
    case .bool:
      let truth = column.bool(at: index)
      return truths.firstIndex { $0 == truth }
    case .bytes:
      return texts.firstIndex { column.holds($0, at: index) }
    }
  }
}
