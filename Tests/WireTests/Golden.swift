import Foundation
import Testing

/// Files with what is expected; `UNDERSTUDY_RECORD_GOLDENS=1` rewrites them.
enum Golden {
  private static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

  /// Compares text with a file, line by line.
  static func check(_ text: String, _ file: String) throws {
    let url = directory.appending(path: file)
    if ProcessInfo.processInfo.environment["UNDERSTUDY_RECORD_GOLDENS"] == "1" {
      try Data(text.utf8).write(to: url)
      return
    }
    let expected = try String(contentsOf: url, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    let found = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(found.count == expected.count)
    for (number, (found, expected)) in zip(found, expected).enumerated() where found != expected {
      Issue.record("\(file):\(number + 1)\nexpected \(expected)\nfound    \(found)")
    }
  }
}
