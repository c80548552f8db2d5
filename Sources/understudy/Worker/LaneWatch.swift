import Foundation
import Kafka
import Logging

/// Ends a process one of whose lanes stands in a call that does not come back: nothing else would, and its supervisor
/// starts it anew.
///
/// What a lane calls ends by its own time-out, by the client's or by the deadline of its batch; but librdkafka does not
/// keep all of them, and one operator of a model may never end.
struct LaneWatch {
  /// The lanes that are looked at, by number.
  let pulses: [LanePulse]
  /// Looks at the same pulse after which a lane stands still.
  let limit: Int
  /// Between two looks.
  var pace = Duration.seconds(1)
  let logger: Logger

  /// Looks until it is over, or the process is.
  /// - Parameter isOver: waits for the time that it is given, or until it is over if that is sooner, and tells whether it is.
  func run(_ isOver: (Duration) -> Bool) {
    var watch = StandstillWatch(lanes: pulses.count, limit: limit)
    while !isOver(pace) {
      guard let number = watch.look(pulses.map(\.count)) else { continue }
      logger.critical(
        "a lane has not come back from a call: this process ends, to be started anew by whoever watches over it; nothing is lost",
        metadata: ["lane": "\(number)", "seconds": "\(limit * Int(pace.components.seconds))"])
      pulses[number].crash()
      // Not there, if that thread waits for a disk that does not answer, say.
      guard !isOver(pace * 10), pulses[number].count == watch.count(of: number) else { continue }
      logger.critical("the lane's thread does not take the signal either: ended by another thread")
      abort()
    }
  }
}
