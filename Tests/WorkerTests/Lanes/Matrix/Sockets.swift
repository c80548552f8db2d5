import Foundation
import Kafka

/// Connections of this machine, as Linux tells them (proc_net_tcp(5)).
enum Sockets {
  /// How many connections to these ports of 127.0.0.1 somebody holds.
  static func count(to ports: Set<Int>) throws -> Int {
    let text = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)
    return text.split(separator: "\n").dropFirst().count { line in
      // Number, local and remote address, state, queues, timer, retransmits, user, timeout, inode.
      let fields = line.split(separator: " ")
      guard fields.count > 9, let port = fields[2].split(separator: ":").last.flatMap({ Int($0, radix: 16) }) else {
        return false
      }
      // What nobody holds any more has no inode.
      return ports.contains(port) && fields[9] != "0"
    }
  }
}

extension TestBroker {
  /// Where its brokers listen.
  var ports: Set<Int> {
    let addresses = (embedded?.bootstrapServers ?? "").split(separator: ",")
    return Set(addresses.compactMap { Int($0.split(separator: ":").last ?? "") })
  }
}
