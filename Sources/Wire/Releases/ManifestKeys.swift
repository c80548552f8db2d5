import Domain

/// The keys that a manifest's objects may have, so that whoever writes one hears of a word that means nothing: readers
/// pass over what they do not know, since a newer manifest may have more.
package enum ManifestKeys {
  /// Keys of each object by its path, in which `*` stands for any name or position.
  private static let known: [String: Set<String>] = [
    "": [
      "schema", "name", "version", "created_at", "description", "inputs", "unknown_fields", "outputs", "stages",
      "end_to_end_set", "confidence_set", "guard", "limits", "files",
    ],
    "inputs.*": [
      "name", "datatype", "width", "optional", "default", "minimum", "maximum", "values", "pattern", "minimum_length",
      "maximum_length",
    ],
    "outputs.*": ["name", "datatype", "width", "minimum", "maximum", "values"],
    "stages.*": ["engine", "file", "inputs", "outputs"],
    "end_to_end_set": ["file", "relative_tolerance", "absolute_tolerance"],
    "confidence_set": [
      "file", "metric", "average", "prediction", "positive_label", "acceptable_range", "decision", "cost",
      "maximum_cost_ratio", "slices",
    ],
    "confidence_set.slices.*": ["input", "acceptable_range", "maximum_gap", "minimum_rows"],
    "limits": ["max_rows", "deadline_ms", "max_slowdown"],
    "files.*": ["path", "sha256", "size"],
  ]

  /// Paths of keys that mean nothing, in the order of the document; at most so many.
  package static func unknown(in manifest: [UInt8], atMost limit: Int = Limits.gateFailuresShown) -> [String] {
    guard let json = try? JSON(parsing: manifest) else { return [] }
    var paths: [String] = []
    visit(json, place: "", pattern: "", &paths)
    return Array(paths.prefix(limit))
  }

  private static func visit(_ json: JSON, place: String, pattern: String, _ paths: inout [String]) {
    switch json {
    case .object(let fields):
      for field in fields {
        let path = place.isEmpty ? field.name : "\(place).\(field.name)"
        if let keys = known[pattern], !keys.contains(field.name) {
          paths.append(Quotation.name(path))
          continue
        }
        let named = pattern.isEmpty ? field.name : "\(pattern).\(field.name)"
        visit(field.value, place: path, pattern: pattern == "stages" ? "stages.*" : named, &paths)
      }
    case .array(let elements):
      for (number, element) in elements.enumerated() {
        visit(element, place: "\(place)[\(number)]", pattern: "\(pattern).*", &paths)
      }
    case .null, .bool, .integer, .number, .text: break
    }
  }
}
