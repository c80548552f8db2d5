/// Turns the bytes of a request into rows.
///
/// Contract: one decoder a lane, called on that lane only; no allocation per row; never traps, whatever the bytes.
package protocol RequestDecoder: AnyObject {
  /// Decodes one request in any of its three forms and appends exactly one entry to `table.requests`.
  ///
  /// Rows that are good are finished in `columns` (input i of the schema is column i) and get an entry in `table.rows`;
  /// bad rows get an entry with a failure. A request that is bad as a whole (not JSON, unknown form, rows that differ
  /// between inputs, more rows than allowed) has a failure and leaves no rows in `columns`.
  func decode(
    _ value: RawSpan, schema: RequestSchema, columns: inout Columns, table: inout RequestTable)

  /// Finds only the identifier of a request that cannot be routed, so that its answer can carry it. Appends one entry
  /// to `table.requests`, with a form and an identifier where the bytes have one.
  func decodeIdentifier(_ value: RawSpan, table: inout RequestTable)
}

/// Turns rows back into the bytes of a response.
///
/// Contract: as for `RequestDecoder`.
package protocol ResponseEncoder: AnyObject {
  /// Appends the response of request `position` of `table` to `output`.
  ///
  /// Numbers are the shortest text that reads back as the same value. A row that has failed is written as its error.
  func encode(
    _ position: Int, of table: borrowing RequestTable, columns: borrowing Columns, origin: ResponseOrigin,
    into output: inout [UInt8]
  ) -> ResponseStatus

  /// Appends the response of a request that has no release: unknown model, no live release.
  func encodeFailure(
    _ position: Int, of table: borrowing RequestTable, origin: ResponseOrigin, into output: inout [UInt8])

  /// Appends `text` as a JSON string with its quotes.
  func appendString(_ text: RawSpan, to output: inout [UInt8])
}
