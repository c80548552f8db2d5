import Domain
import TestSupport
import Wire

/// Records of the control topic that are nearly right, in both modes of CloudEvents, and what must hold of each.
struct CommandFuzz {
  /// How a record is read; a test may plant a mistake here.
  var decode: (TopicRecord) throws(Refusal) -> CommandEnvelope = CommandCodec.decode
  private let binary: [(record: TopicRecord, data: Mutator)]
  private let structured: Mutator

  /// What commands have and other documents do not.
  private static let members = [
    #""targets":{"workers":["w"]}"#, #""if_current":"3""#, #""dry_run":true"#, #""reason":"r""#, #""until":"2026""#,
    #""expirytime":"2026-11-24T00:00:00.5+01:00""#, #""data":{}"#, #""routes":[{"version":"1","weight":100}]"#,
    #""specversion":"0.3""#, #""type":"io.understudy.pause.v1""#, #""to":"previous""#, #""activate":"manual""#,
  ]
  /// What stands in the place of a header's value.
  private static let headers = [
    "", "0.3", "1.0", "application/cloudevents+json", "application/cloudevents-batch+json", "io.understudy.resume.v1",
    "io.understudy..v1", "io.understudy.rollback.v1", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59.9999Z",
    "0000-01-01T00:00:00+23:59", "2016-12-31T23:59:60Z", String(repeating: "x", count: 300), "\u{0}", "é",
  ]

  /// - Parameter commands: what is mutated.
  init(_ commands: [CommandEnvelope]) throws {
    let records = commands.map { CommandCodec.encode($0, time: 1) }
    let data = records.map { $0.value ?? [] }
    binary = zip(records, data).map { ($0, Mutator([$1, $1, $1] + data, members: Self.members)) }
    structured = Mutator(
      try records.map { record in
        var event = JSON.object([])
        for header in record.headers where header.name.hasPrefix("ce_") {
          event.set(String(header.name.dropFirst(3)), toOptional: record.header(header.name))
        }
        event.set("data", to: try JSON(parsing: record.value ?? []))
        return event.bytes
      }, members: Self.members)
  }

  /// A record.
  func next(_ generator: inout SeededGenerator) -> TopicRecord {
    guard Bool.random(using: &generator), let (record, data) = binary.randomElement(using: &generator) else {
      return TopicRecord(
        value: structured.next(&generator),
        headers: [RecordHeader("content-type", "application/cloudevents+json; charset=utf-8")])
    }
    var mutated = record
    if Bool.random(using: &generator) { mutated.value = data.next(&generator) }
    if Bool.random(using: &generator) { mutate(&mutated.headers, &generator) }
    if Int.random(in: 0..<100, using: &generator) == 0 { mutated.value = nil }
    return mutated
  }

  private func mutate(_ headers: inout [RecordHeader], _ generator: inout SeededGenerator) {
    guard let at = headers.indices.randomElement(using: &generator) else { return }
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: headers.remove(at: at)
    case 1: headers[at].value = nil
    case 2: headers[at].value = [0xFF, 0x61]
    case 3: headers.append(RecordHeader(headers[at].name, Self.headers.randomElement(using: &generator) ?? ""))
    case 4: headers[at].name = headers.randomElement(using: &generator)?.name ?? ""
    default: headers[at] = RecordHeader(headers[at].name, Self.headers.randomElement(using: &generator) ?? "")
    }
  }

  /// A record is a command that reads back as it is written, or is refused with a reason of the contract and a place.
  func check(_ record: TopicRecord) -> (problem: String?, reaction: String) {
    let envelope: CommandEnvelope
    do throws(Refusal) { envelope = try decode(record) } catch {
      return (problem(of: error).map { "\($0): \(error)\n\(shown(record))" }, error.message)
    }
    do throws(Refusal) {
      let again = try decode(CommandCodec.encode(envelope))
      let problem = again == envelope ? nil : "reads back as \(again), not \(envelope)\n\(shown(record))"
      return (problem, envelope.command.kind.rawValue)
    } catch {
      return ("is refused as it is written: \(error)\n\(shown(record))", "refused")
    }
  }

  private func problem(of refusal: Refusal) -> String? {
    guard [.malformed, .unknownKind].contains(refusal.reason) else { return "a reason that the contract does not have" }
    let place = refusal.message.prefix { $0 != " " && $0 != ":" }
    let namesPlace = refusal.message.contains("expected ") || refusal.message.contains("JSON")
    return place.isEmpty || !namesPlace ? "a refusal that names no place" : nil
  }

  private func shown(_ record: TopicRecord) -> String {
    let headers = record.headers.map { "\($0.name)=\($0.value.map { String(decoding: $0, as: UTF8.self) } ?? "null")" }
    return "\(headers) \(record.value.map { String(decoding: $0, as: UTF8.self) } ?? "null")"
  }
}
