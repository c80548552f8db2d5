import Domain

/// How a report shows values: as JSON writes them, within `Limits.gateValueBytes`.
package enum GateText {
  /// The elements of an output: one as it is, several as an array.
  package static func value(_ elements: [Value]) -> String {
    let json = elements.map(ManifestWriter.value)
    return (json.count == 1 ? json[0] : .array(json)).line.shortened(toBytes: Limits.gateValueBytes)
  }
}
