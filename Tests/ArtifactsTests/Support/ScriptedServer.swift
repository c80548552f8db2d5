import Foundation
import Glibc
import Synchronization

/// An HTTP server over plain sockets that answers each request exactly as its test says, also wrongly.
final class ScriptedServer: Sendable {
  struct Request: Sendable {
    /// From 0.
    var number: Int
    var path: String
    /// By lowercased name.
    var headers: [String: String]
  }

  /// What happens on the connection, in order. At the end it is closed.
  enum Step: Sendable {
    case send(String)
    case body([UInt8])
    /// Says nothing more until the client has gone.
    case hang
  }

  let port: Int
  private let socket: Int32
  private let answer: @Sendable (Request) -> [Step]
  private let received = Mutex<[Request]>([])

  /// Listens on a free port of loopback.
  init(_ answer: @escaping @Sendable (Request) -> [Step]) throws {
    self.answer = answer
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = socket
    let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe bind(listener, address, size) + listen(listener, 16) + getsockname(listener, address, &size)
      }
    }
    guard code == 0 else { throw CocoaError(.featureUnsupported) }
    port = Int(in_port_t(bigEndian: address.sin_port))
    Thread { [weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        guard let self else {
          close(connection)
          return
        }
        serve(connection)
      }
    }.start()
  }

  deinit {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }

  var requests: [Request] { received.withLock { $0 } }

  func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

  /// One request a connection.
  private func serve(_ connection: Int32) {
    defer { close(connection) }
    guard let text = head(connection) else { return }
    let lines = text.split(separator: "\r\n")
    var request = Request(number: 0, path: "", headers: [:])
    request.path = lines.first.map { String($0.split(separator: " ")[1]) } ?? ""
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      request.headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
    }
    received.withLock { received in
      request.number = received.count
      received.append(request)
    }
    for step in answer(request) {
      switch step {
      case .send(let text): write(Array(text.utf8), to: connection)
      case .body(let bytes): write(bytes, to: connection)
      case .hang:
        var byte: UInt8 = 0
        while unsafe recv(connection, &byte, 1, 0) > 0 {}
      }
    }
    shutdown(connection, Int32(SHUT_WR))
    // What the client still sends must not turn the end into a reset.
    var byte: UInt8 = 0
    while unsafe recv(connection, &byte, 1, 0) > 0 {}
  }

  private func head(_ connection: Int32) -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      guard unsafe recv(connection, &byte, 1, 0) == 1 else { return nil }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func write(_ bytes: [UInt8], to connection: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
