import Foundation
import Glibc

/// A port of loopback that takes connections and never says anything.
final class SilentServer: Sendable {
  let port: Int
  private let socket: Int32

  init() throws {
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
  }

  deinit { close(socket) }
}
