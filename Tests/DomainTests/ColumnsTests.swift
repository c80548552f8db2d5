import Domain
import Testing

@Suite struct ColumnsTests {
  @Test(arguments: Datatype.allCases)
  func `a column keeps each datatype's elements while it grows`(datatype: Datatype) {
    var columns = Columns([ColumnDescriptor(name: "c", datatype: datatype, width: 3)])
    for expected in 0..<100 {
      guard let row = columns.beginRow() else { Issue.record("no room"); return }
      #expect(row == expected)
      for k in 0..<3 { set(columns[0], row * 3 + k) }
      columns.finishRow()
    }
    #expect(columns.rowCount == 100)
    for index in 0..<300 { #expect(get(columns[0], index) == expectedText(datatype, index)) }
  }

  @Test func `a row that is not finished is overwritten by the next`() {
    var columns = Columns([ColumnDescriptor(name: "c", datatype: .int64)])
    _ = columns.beginRow()
    columns[0].set(int64: 1, at: 0)
    #expect(columns.beginRow() == 0)
    columns[0].set(int64: 2, at: 0)
    columns.finishRow()
    #expect(columns.rowCount == 1)
    #expect(columns[0].int64(at: 0) == 2)
  }

  @Test func `a column has room for no more rows than it is told will come`() {
    let column = Column(ColumnDescriptor(name: "c", datatype: .float32, width: 50_000))
    #expect(column.reserve(rows: 2, exactly: true) && column.rowCapacity == 2)
    #expect(column.reserve(rows: 3) && column.rowCapacity == 16)
  }

  @Test func `P8: a column refuses to grow past its limit`() {
    let column = Column(ColumnDescriptor(name: "c", datatype: .bool, width: Limits.elementsPerColumn / 2))
    #expect(!column.reserve(rows: 3))
    #expect(!column.reserve(rows: .max))
    #expect(column.rowCapacity == 0)
  }

  @Test func `P8: a refused row leaves the columns before the full one where the row loop finds them`() throws {
    let rows = 16
    var columns = Columns([
      ColumnDescriptor(name: "moves", datatype: .float32),
      ColumnDescriptor(name: "full", datatype: .bool, width: Limits.elementsPerColumn / rows),
    ])
    for _ in 0..<rows {
      #expect(columns.beginRow() != nil)
      columns.finishRow()
    }
    #expect(columns.beginRow() == nil)
    columns.removeAll()
    #expect(columns.beginRow() == 0)
    unsafe columns.elements[0].storeBytes(of: 7, as: Float.self)
    #expect(columns[0].float32(at: 0) == 7)
  }

  private func set(_ column: Column, _ index: Int) {
    switch column.descriptor.datatype {
    case .bool: column.set(bool: index % 2 == 1, at: index)
    case .int64: column.set(int64: Int64(index) - 50, at: index)
    case .float32: column.set(float32: Float(index) / 4, at: index)
    case .float64: column.set(float64: Double(index) / 3, at: index)
    case .bytes:
      let text = Array("s\(index)".utf8)
      unsafe column.set(bytes: text.span.bytes, at: index)
    }
  }

  private func get(_ column: Column, _ index: Int) -> String {
    switch column.descriptor.datatype {
    case .bool: "\(column.bool(at: index))"
    case .int64: "\(column.int64(at: index))"
    case .float32: "\(column.float32(at: index))"
    case .float64: "\(column.float64(at: index))"
    case .bytes:
      column.withBytes(at: index) { span in
        String(
          decoding: (0..<span.byteCount).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) },
          as: UTF8.self)
      }
    }
  }

  private func expectedText(_ datatype: Datatype, _ index: Int) -> String {
    switch datatype {
    case .bool: "\(index % 2 == 1)"
    case .int64: "\(Int64(index) - 50)"
    case .float32: "\(Float(index) / 4)"
    case .float64: "\(Double(index) / 3)"
    case .bytes: "s\(index)"
    }
  }
}
