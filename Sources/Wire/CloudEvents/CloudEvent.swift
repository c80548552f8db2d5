import Domain

/// A CloudEvent 1.0 as Kafka's protocol binding carries it: attributes and JSON data.
///
/// Binary mode has the attributes in headers `ce_…` and the data as value; structured mode has both in one JSON object
/// and says so in `content-type`. We write binary and read both.
struct CloudEvent: Equatable {
  /// Attributes by name, without `ce_`. Those that are not strings in a structured event are left out.
  var attributes: [String: String]
  /// What `data` or the value holds; nil if there is none.
  var data: JSON?
  /// How attributes are called in messages: `ce_` in front of the name, or nothing.
  var attributePrefix: String

  private static let structuredType = "application/cloudevents"

  /// Reads a record in either mode. What is missing is not complained about here, so that an id can be kept.
  init(_ record: TopicRecord, limit: Int) throws(WireError) {
    guard let value = record.value else {
      throw .invalid(path: "value", expected: "a CloudEvent", found: "nothing")
    }
    guard value.count <= limit else {
      throw .invalid(path: "value", expected: "at most \(limit) bytes", found: "\(value.count)")
    }
    let contentType = record.header("content-type")?.lowercased() ?? ""
    if contentType.hasPrefix(Self.structuredType) {
      try self.init(structured: value, contentType: contentType)
    } else {
      try self.init(binary: value, headers: record)
    }
  }

  private init(structured value: [UInt8], contentType: String) throws(WireError) {
    guard !contentType.hasPrefix("application/cloudevents-batch") else {
      throw .invalid(path: "content-type", expected: "one event, not a batch", found: Quotation.text(contentType))
    }
    let document = JSONReader(try JSON(parsing: value))
    attributes = [:]
    attributePrefix = ""
    for (name, reader) in try document.fields() {
      if case .text(let text)? = reader.value { attributes[name] = text }
    }
    data = document["data"].value
  }

  private init(binary value: [UInt8], headers: TopicRecord) throws(WireError) {
    attributes = [:]
    attributePrefix = "ce_"
    for header in headers.headers.prefix(Limits.headersPerRecord) where header.name.hasPrefix("ce_") {
      guard let bytes = header.value, let text = String(validating: bytes, as: UTF8.self) else { continue }
      attributes[String(header.name.dropFirst(3))] = text
    }
    guard !attributes.isEmpty else {
      throw .invalid(
        path: "headers", expected: "content-type: application/cloudevents+json, or ce_id and its like", found: "neither"
      )
    }
    do throws(WireError) {
      data = value.isEmpty ? nil : try JSON(parsing: value)
    } catch {
      throw .invalid(path: "value", expected: "JSON data", found: error.description)
    }
  }

  /// An attribute that must be there and not be empty.
  func required(_ name: String) throws(WireError) -> String {
    guard let text = attributes[name], !text.isEmpty else {
      throw .invalid(path: attributePrefix + name, expected: "a string", found: "nothing")
    }
    guard text.utf8.count <= Limits.identifierBytes else {
      throw .invalid(
        path: attributePrefix + name, expected: "at most \(Limits.identifierBytes) bytes", found: "\(text.utf8.count)")
    }
    return text
  }

  /// An attribute that is a time, if it is there.
  func time(_ name: String) throws(WireError) -> Int64? {
    guard let text = attributes[name] else { return nil }
    guard let milliseconds = Timestamp.milliseconds(text) else {
      throw .invalid(
        path: attributePrefix + name, expected: "a time as RFC 3339 writes it", found: Quotation.text(text))
    }
    return milliseconds
  }

  /// Checks that this is a CloudEvent 1.0.
  func checkVersion() throws(WireError) {
    let version = try required("specversion")
    guard version == "1.0" else {
      throw .invalid(path: attributePrefix + "specversion", expected: "\"1.0\"", found: Quotation.text(version))
    }
  }

  /// The word of a type `io.understudy.<word>.v1`.
  func kind() throws(WireError) -> String? {
    let type = try required("type")
    guard type.hasPrefix(Self.typePrefix), type.hasSuffix(Self.typeSuffix),
      type.utf8.count > Self.typePrefix.utf8.count + Self.typeSuffix.utf8.count
    else { return nil }
    return String(type.dropFirst(Self.typePrefix.count).dropLast(Self.typeSuffix.count))
  }

  private static let typePrefix = "io.understudy."
  private static let typeSuffix = ".v1"

  /// The type of a word.
  static func type(_ kind: String) -> String { typePrefix + kind + typeSuffix }

  /// Headers of binary mode with these attributes, of which nil ones are left out.
  static func headers(_ attributes: [(name: String, value: String?)]) -> [RecordHeader] {
    var headers = [RecordHeader("content-type", "application/json"), RecordHeader("ce_specversion", "1.0")]
    for (name, value) in attributes {
      if let value { headers.append(RecordHeader("ce_" + name, value)) }
    }
    return headers
  }
}
