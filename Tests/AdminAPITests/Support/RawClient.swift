import Foundation
import Glibc

/// A client that says exactly what a test wants and shows exactly what comes back.
struct RawClient {
  struct Answer: Equatable {
    var status: Int
    /// By lowercased name.
    var headers: [String: String]
    var body: String
  }

  struct Failure: Error {
    var description: String
  }

  /// Sends bytes and reads until the server closes the connection.
  static func exchange(_ text: String, port: Int, host: String = "127.0.0.1") async throws -> String {
    try await offPool {
      let socket = try connect(port: port, host: host)
      defer { close(socket) }
      let bytes = Array(text.utf8)
      guard unsafe send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
        throw Failure(description: "not sent")
      }
      return try readAll(socket)
    }
  }

  /// One request on a connection of its own.
  static func request(_ method: String, _ path: String, port: Int, host: String = "127.0.0.1") async throws -> Answer {
    let text = try await exchange(
      "\(method) \(path) HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", port: port, host: host)
    guard let end = text.firstRange(of: "\r\n\r\n") else { throw Failure(description: "no answer: \(text)") }
    let lines = text[..<end.lowerBound].split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count > 1, let status = Int(words[1]) else { throw Failure(description: "no status: \(text)") }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
    }
    return Answer(status: status, headers: headers, body: String(text[end.upperBound...]))
  }

  /// Opens a connection; the caller closes it.
  static func connect(port: Int, host: String) throws -> Int32 {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = AI_NUMERICHOST
    var found: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, String(port), &hints, &found) == 0, let address = unsafe found else {
      throw Failure(description: "no address \(host)")
    }
    defer { unsafe freeaddrinfo(address) }
    let socket = unsafe socket(address.pointee.ai_family, address.pointee.ai_socktype, 0)
    var limit = timeval(tv_sec: 70, tv_usec: 0)
    unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard unsafe Glibc.connect(socket, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 else {
      close(socket)
      throw Failure(description: "cannot connect to \(host):\(port)")
    }
    return socket
  }

  private static func readAll(_ socket: Int32) throws -> String {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe recv(socket, &piece, piece.count, 0)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      // A server that closes with bytes unread resets; what came before counts.
      if count < 0 {
        if errno == ECONNRESET { return String(decoding: bytes, as: UTF8.self) }
        throw Failure(description: "nothing more came within 20 s")
      }
      bytes += piece[..<count]
    }
  }
}

/// Runs what blocks on a thread of its own: the server under test needs the shared ones.
func offPool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread { continuation.resume(with: Result(catching: body)) }.start()
  }
}
