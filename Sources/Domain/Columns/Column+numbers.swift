/// Numbers whatever their datatype, and checks of whole columns in one pass.
extension Column {
  /// Element of a numeric column, widened; 0 and 1 of a BOOL column.
  package func number(at index: Int) -> Double {
    switch descriptor.datatype {
    case .float32: Double(float32(at: index))
    case .float64: float64(at: index)
    case .int64: Double(int64(at: index))
    case .bool: bool(at: index) ? 1 : 0
    case .bytes: .nan
    }
  }

  /// Whether every element of the rows is finite and within bounds. Bounds of FP32 columns are taken as FP32, so that
  /// 0.1 is within a maximum of 0.1. Columns that hold no numbers are.
  package func isWithin(minimum: Double?, maximum: Double?, rows: Range<Int>) -> Bool {
    switch descriptor.datatype {
    case .float32:
      let lowest = max(minimum.map { Float($0) } ?? -.greatestFiniteMagnitude, -.greatestFiniteMagnitude)
      let highest = min(maximum.map { Float($0) } ?? .greatestFiniteMagnitude, .greatestFiniteMagnitude)
      return areAll(lowest...max(lowest, highest), rows)
    case .float64:
      let lowest = minimum ?? -.greatestFiniteMagnitude
      return areAll(lowest...max(lowest, maximum ?? .greatestFiniteMagnitude), rows)
    case .int64:
      guard minimum != nil || maximum != nil else { return true }
      guard let bounds = Self.integers(from: minimum, to: maximum) else { return rows.isEmpty }
      for index in rows.lowerBound * descriptor.width..<rows.upperBound * descriptor.width
      where !bounds.contains(int64(at: index)) { return false }
      return true
    case .bool, .bytes: return true
    }
  }

  /// The integers between two bounds, nil if there are none: from 2⁵³ on a double stands for several of them.
  private static func integers(from minimum: Double?, to maximum: Double?) -> ClosedRange<Int64>? {
    let (lowest, highest) = ((minimum ?? -0x1p63).rounded(.up), (maximum ?? 0x1p63).rounded(.down))
    guard lowest < 0x1p63, highest >= -0x1p63, lowest <= highest else { return nil }
    return (Int64(exactly: lowest) ?? .min)...(highest >= 0x1p63 ? .max : Int64(highest))
  }

  private func areAll<Number: BinaryFloatingPoint & BitwiseCopyable>(
    _ bounds: ClosedRange<Number>, _ rows: Range<Int>
  ) -> Bool {
    unsafe withUnsafeMutableElements(rows: rows) { memory in
      unsafe memory.withMemoryRebound(to: Number.self) { elements in
        // Without a branch in the loop it runs on vectors. What is not a number compares as false.
        var areWithin = true
        for index in elements.indices {
          let element = unsafe elements[index]
          areWithin = (element >= bounds.lowerBound) && (element <= bounds.upperBound) && areWithin
        }
        return areWithin
      }
    }
  }
}
