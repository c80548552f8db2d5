import Domain
import Testing
import Wire

/// The bounds of a command: what is exactly as much as allowed is read, and one more is refused with its place.
@Suite struct CommandLimitTests {
  /// A place in a command and what may stand there at most.
  struct Bound: CustomTestStringConvertible, Sendable {
    /// The whole command with so many, or so much, in the place.
    var command: @Sendable (_ count: Int) -> TopicRecord
    var limit: Int
    /// How the message begins.
    var message: String

    var testDescription: String { message }
  }

  private static let digest = String(repeating: "0a", count: 32)

  static let bounds: [Bound] = [
    Bound(
      command: { count in
        let uri = "file:" + String(repeating: "x", count: count - "file:".utf8.count)
        return event(
          "model.ready",
          #"{"model":"m","version":"1","release":{"uri":"\#(uri)","size":1,"digest":"\#(digest)","archive_sha256":"\#(digest)"}}"#
        )
      }, limit: Limits.uriBytes, message: "data.release.uri: expected a URI of at most 2048 bytes"),
    Bound(
      command: { count in
        // One of them has the whole weight.
        let routes = (0..<count).map { #"{"version":"\#($0)","weight":\#($0 == 0 ? 100 : 0)}"# }.joined(separator: ",")
        return event("traffic", #"{"model":"m","routes":[\#(routes)]}"#)
      }, limit: Limits.routesPerModel, message: "data.routes: expected at most 100 elements"),
    Bound(
      command: { event("rollback", #"{"model":"m","targets":{"groups":[\#(names($0))]}}"#) },
      limit: Limits.targetsPerCommand, message: "data.targets.groups: expected at most 1000 elements"),
    Bound(
      command: { event("rollback", #"{"model":"m","targets":{"workers":[\#(names($0))]}}"#) },
      limit: Limits.targetsPerCommand, message: "data.targets.workers: expected at most 1000 elements"),
    Bound(
      command: { event("rollback", #"{"model":"\#(String(repeating: "m", count: $0))"}"#) },
      limit: Limits.nameCharacters, message: "data.model: expected at most 64 letters"),
  ]

  @Test(arguments: bounds)
  func `P8: a command with as much as it may hold is read, and one more is refused with its place`(_ bound: Bound)
    throws
  {
    _ = try CommandCodec.decode(bound.command(bound.limit))
    do throws(Refusal) {
      _ = try CommandCodec.decode(bound.command(bound.limit + 1))
      Issue.record("\(bound.message) took \(bound.limit + 1)")
    } catch {
      #expect(error.message.hasPrefix(bound.message), "\(error.message)")
      #expect(error.reason == .malformed)
    }
  }

  @Test func `P8: of a record's headers so many are looked at, and an id behind them is none`() throws {
    func record(idAt position: Int) -> TopicRecord {
      var record = CommandCodec.encode(
        CommandEnvelope(id: "x", source: "s", command: .rollback(Rollback(model: "m", to: nil))))
      record.headers.removeAll { $0.name == "ce_id" }
      let others = (0..<Limits.headersPerRecord).map { RecordHeader("h\($0)", "") }
      record.headers += others.prefix(position - record.headers.count) + [RecordHeader("ce_id", "x")]
      return record
    }
    #expect(try CommandCodec.decode(record(idAt: Limits.headersPerRecord - 1)).id == "x")
    do throws(Refusal) {
      _ = try CommandCodec.decode(record(idAt: Limits.headersPerRecord))
      Issue.record("an id behind the headers that are looked at was read")
    } catch {
      #expect(error.message == "ce_id: expected a string, got nothing")
    }
  }

  @Test func `P8: a reason that is too long is cut, so that it keeps no rollback and no pause back`() throws {
    for (type, data) in [
      ("rollback", #""model":"m""#), ("pause", #""scope":"consume""#), ("resume", #""scope":"consume""#),
    ] {
      func reason(_ count: Int) throws -> String? {
        let text = String(repeating: "r", count: count)
        let command = try CommandCodec.decode(Self.event(type, #"{\#(data),"reason":"\#(text)"}"#)).command
        return switch command {
        case .rollback(let rollback): rollback.reason
        case .pause(let pause): pause.reason
        case .resume(let resume): resume.reason
        default: nil
        }
      }
      #expect(try reason(Limits.commandReasonBytes)?.utf8.count == Limits.commandReasonBytes)
      let cut = try #require(try reason(Limits.commandReasonBytes * 500))
      #expect(cut.utf8.count == Limits.commandReasonBytes && cut.hasSuffix("r…"))
    }
  }

  private static func names(_ count: Int) -> String { (0..<count).map { #""g\#($0)""# }.joined(separator: ",") }

  private static func event(_ type: String, _ data: String) -> TopicRecord {
    let text = #"{"specversion":"1.0","id":"x","type":"io.understudy.\#(type).v1","source":"s","data":\#(data)}"#
    return TopicRecord(
      value: Array(text.utf8), headers: [RecordHeader("content-type", "application/cloudevents+json")])
  }
}
