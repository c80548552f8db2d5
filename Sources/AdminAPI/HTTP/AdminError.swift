/// Why the admin API cannot be served: the worker is stopped.
package enum AdminError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The address belongs to somebody else.
  case addressInUse(AdminAddress)
  /// The system does not let us listen there.
  case cannotListen(AdminAddress, String)

  package var description: String {
    switch self {
    case .addressInUse(let address):
      "http.bind: \(address) is in use by another process, perhaps another worker: give this one an address of its own "
        + "(`--set http.bind=\(AdminAddress(host: address.host, port: 0))` picks a free port), or turn it off with `http.bind: off`"
    case .cannotListen(let address, let message): "http.bind: cannot listen on \(address): \(message)"
    }
  }
}
