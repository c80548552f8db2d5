import Domain

/// Takes a file of JSON lines apart: an object a line, blank lines passed over.
struct TestSetLines {
  private let file: String
  private let parser = JSONParser(maximumDepth: Limits.requestDepth)

  init(file: String) { self.file = file }

  /// The lines as `read` makes them.
  /// - Throws: `no_test_sets` that names file, line, path and what was expected; `too_large`.
  func read<Row>(
    _ bytes: [UInt8], _ read: (JSONReader, _ line: Int) throws(WireError) -> Row
  ) throws(Refusal) -> [Row] {
    var rows: [Row] = []
    var start = bytes.startIndex
    var line = 0
    while start < bytes.endIndex {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
      let text = bytes[start..<end]
      start = end + 1
      line += 1
      if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      guard rows.count < Limits.testSetRows else {
        throw Refusal(.tooLarge, "\(file): expected at most \(Limits.testSetRows) rows")
      }
      do throws(WireError) {
        let reader = JSONReader(try JSON(parsing: Array(text), with: parser))
        _ = try reader.fields()
        rows.append(try read(reader, line))
      } catch {
        throw Refusal(.noTestSets, "\(file):\(line): \(error)")
      }
    }
    guard !rows.isEmpty else { throw Refusal(.noTestSets, "\(file): expected at least one row, got an empty file") }
    return rows
  }
}
