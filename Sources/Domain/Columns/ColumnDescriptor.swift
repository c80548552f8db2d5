/// Name, datatype and width of a column: all that two stages must agree on.
package struct ColumnDescriptor: Sendable, Hashable, CustomStringConvertible {
  /// The column's name, unique within its `Columns`.
  package var name: String
  /// The type of its elements.
  package var datatype: Datatype
  /// Elements a row: shape `[n]` for 1, else `[n, width]`.
  package var width: Int

  /// A descriptor; `width` is at least 1.
  package init(name: String, datatype: Datatype, width: Int = 1) {
    self.name = name
    self.datatype = datatype
    self.width = width
  }

  /// As messages show it: `features (FP32, width 30)`.
  package var description: String { "\(name) (\(datatype.rawValue), width \(width))" }
}
