import Domain

/// What the parts of a manifest must be to each other.
enum ManifestRules {
  /// Checks a manifest whose parts are each well-formed.
  static func check(_ manifest: Manifest) throws(WireError) {
    guard !manifest.inputs.isEmpty else {
      throw .invalid(path: "inputs", expected: "at least one input", found: "an array of 0")
    }
    guard !manifest.outputs.isEmpty else {
      throw .invalid(path: "outputs", expected: "at least one output", found: "an array of 0")
    }
    try checkUnique(manifest.inputs.map(\.column.name), "inputs", "name")
    try checkUnique(manifest.outputs.map(\.column.name), "outputs", "name")
    for (number, input) in manifest.inputs.enumerated() { try check(input, path: "inputs[\(number)]") }
    try TextRules.check(manifest.inputs)
    try checkUnique(manifest.files.map(\.path), "files", "path")
    try ConfidenceRules.check(manifest)
    try GuardRules.check(manifest)
    try checkFiles(manifest)
  }

  private static func checkUnique(_ names: [String], _ list: String, _ member: String) throws(WireError) {
    var seen: Set<String> = []
    for (number, name) in names.enumerated() where !seen.insert(name).inserted {
      throw .invalid(
        path: "\(list)[\(number)].\(member)", expected: "each \(member) once", found: "\(Quotation.text(name)) again")
    }
  }

  /// A default must be a value that a request could have carried.
  private static func check(_ input: InputSpecification, path: String) throws(WireError) {
    guard let value = input.defaultValue else { return }
    if let values = input.values, !values.contains(value) {
      throw .invalid(
        path: "\(path).default", expected: Quotation.list(values.map(Quotation.value)), found: Quotation.value(value))
    }
    let number: Double? =
      switch value {
      case .number(let number): number
      case .int64(let integer): Double(integer)
      case .bool, .text: nil
      }
    guard let number else { return }
    if let minimum = input.minimum, number < minimum {
      throw .invalid(
        path: "\(path).default", expected: "at least the minimum, \(Quotation.number(minimum))",
        found: Quotation.value(value))
    }
    if let maximum = input.maximum, number > maximum {
      throw .invalid(
        path: "\(path).default", expected: "at most the maximum, \(Quotation.number(maximum))",
        found: Quotation.value(value))
    }
  }

  /// Before it is packed a manifest lists no files; then it lists all that it names.
  private static func checkFiles(_ manifest: Manifest) throws(WireError) {
    guard !manifest.files.isEmpty else { return }
    for (number, file) in manifest.files.enumerated() where file.path == "manifest.json" {
      throw .invalid(
        path: "files[\(number)].path", expected: "files other than the manifest", found: "\"manifest.json\"")
    }
    let listed = Set(manifest.files.map(\.path))
    func check(_ file: String?, _ path: String) throws(WireError) {
      guard let file, !listed.contains(file) else { return }
      throw .invalid(path: path, expected: "a file that `files` lists", found: Quotation.text(file))
    }
    for stage in manifest.stages { try check(stage.file, "stages.\(stage.role.rawValue).file") }
    try check(manifest.endToEndSet?.file, "end_to_end_set.file")
    try check(manifest.confidenceSet?.file, "confidence_set.file")
    var total = 0
    for (number, file) in manifest.files.enumerated() {
      total += file.size
      guard total <= Limits.releaseBytes else {
        throw .invalid(
          path: "files[\(number)].size", expected: "at most \(Limits.releaseBytes) bytes in all", found: "\(total)")
      }
    }
  }
}
