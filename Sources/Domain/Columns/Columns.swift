/// The one data structure between decode and encode: n rows of named columns.
///
/// A request's fields, a feature matrix and a prediction are all columns. One `Columns` holds everything that a release
/// makes of a batch: its inputs first, then what each stage adds. The layout is fixed when the release is loaded, so
/// that stages find their columns by position. It belongs to one lane and is reused from batch to batch.
@safe package struct Columns: ~Copyable {
  /// The columns in their fixed order.
  package let all: [Column]
  /// Where the elements of each lie, renewed whenever they grow: for the row loop, which would count two references a
  /// field to get hold of a column. Good until the next row is begun, for rows that have been begun.
  @unsafe package private(set) var elements: [UnsafeMutableRawBufferPointer] = unsafe []
  /// Rows for which every column has room.
  private var rowCapacity = 0
  /// Rows that are complete in the input columns.
  package private(set) var rowCount = 0

  /// Empty columns of this layout.
  package init(_ layout: [ColumnDescriptor]) {
    all = layout.map(Column.init)
  }

  /// Bytes that a row takes in all columns, without its texts.
  package var rowBytes: Int { all.reduce(0) { $0 + $1.descriptor.width * $1.descriptor.datatype.elementBytes } }
  /// Rows that the widest column can hold.
  package var mostRows: Int { Limits.elementsPerColumn / (all.lazy.map(\.descriptor.width).max() ?? 1) }

  /// The column at a position of the layout.
  package subscript(position: Int) -> Column { all[position] }

  /// Makes sure that one more row fits and returns its number. The row counts only after `finishRow`; a row that fails
  /// on the way is simply not finished, and its place is used again.
  /// - Returns: nil if a column has reached its limit.
  package mutating func beginRow() -> Int? {
    if rowCount < rowCapacity { return rowCount }
    // Also when a column refuses: those before it may have moved.
    defer {
      rowCapacity = all.lazy.map(\.rowCapacity).min() ?? .max
      unsafe elements = all.map { unsafe $0.elements }
    }
    for column in all where !column.reserve(rows: rowCount + 1) { return nil }
    return rowCount
  }

  /// Counts the row begun last.
  package mutating func finishRow() {
    rowCount += 1
  }

  /// Drops the rows from `count` on: a request that fails as a whole takes its rows back.
  package mutating func removeRows(from count: Int) {
    precondition(count >= 0 && count <= rowCount)
    rowCount = count
  }

  /// Forgets all rows and keeps the memory.
  package mutating func removeAll() {
    rowCount = 0
    for column in all where column.descriptor.datatype == .bytes { column.removeText() }
  }
}
