import Foundation

/// A file that takes the room of a disk.
enum Filler {
  private static func path(_ directory: String) -> String { "\(directory)/filler" }

  /// Takes all room but so many bytes.
  static func fill(_ directory: String, leaving bytes: Int) throws {
    var facts = statvfs()
    guard unsafe statvfs(directory, &facts) == 0 else { throw TestFailure("\(directory): error \(errno)") }
    var left = Int(facts.f_bavail) * Int(facts.f_frsize) - bytes
    guard let file = unsafe fopen(path(directory), "a") else { throw TestFailure("\(directory): error \(errno)") }
    defer { unsafe fclose(file) }
    let piece = [UInt8](repeating: 0x55, count: 4096)
    while left > 0 {
      guard unsafe fwrite(piece, 1, min(left, piece.count), file) > 0 else { return }
      left -= piece.count
    }
  }

  /// Gives it back.
  static func empty(_ directory: String) throws {
    try FileManager.default.removeItem(atPath: path(directory))
  }
}
