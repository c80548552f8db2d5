import Domain

/// What there is of an archive while it is fetched.
final class PartialDownload {
  private let path: String
  private(set) var file: OutputFile
  /// The strong tag of what the file holds; nil if the server gave none.
  var entityTag: String?
  /// The most bytes that there ever were: attempts that do not get beyond it are fruitless.
  private(set) var furthest: Int64 = 0

  init(_ path: String) throws(Refusal) {
    self.path = path
    file = try OutputFile(creating: path)
  }

  /// Bytes of different versions must not mix: what is there is dropped.
  func beginAnew() throws(Refusal) {
    guard file.size > 0 else { return }
    FileSystem.remove(path)
    file = try OutputFile(creating: path)
    entityTag = nil
  }

  /// Notes how far an attempt has come.
  /// - Returns: whether that is farther than ever.
  func hasProgressed() -> Bool {
    guard file.size > furthest else { return false }
    furthest = file.size
    return true
  }
}
