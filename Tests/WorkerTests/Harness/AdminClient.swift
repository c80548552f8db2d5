import Domain
import Foundation
import Glibc

/// Asks a worker's admin API over a plain socket, so that the tests know nothing of its server.
enum AdminClient {
  /// Asks a worker process; nil if nobody answers.
  static func get(_ path: String, port: Int) -> (status: Int, body: String)? {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isConnected = unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(socket, $0, size) == 0 }
    }
    let request = Array("GET \(path) HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".utf8)
    guard isConnected, unsafe send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
      return nil
    }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe recv(socket, &piece, piece.count, 0)
      guard count > 0 else { break }
      bytes += piece[..<count]
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.firstRange(of: "\r\n\r\n"), let status = Int(text.dropFirst(9).prefix(3)) else { return nil }
    return (status, String(text[end.upperBound...]))
  }
}

extension WorkerProcess {
  /// The port that a worker says it has found.
  func adminPort() throws -> Int {
    try waitFor("the admin API is bound; \(log)") {
      guard let start = log.firstRange(of: "http=127.0.0.1:") else { return nil }
      let rest = log[start.upperBound...]
      // The log may be read while a line is being written.
      guard rest.contains("\n") else { return nil }
      return Int(rest.prefix { $0.isNumber })
    }
  }
}
