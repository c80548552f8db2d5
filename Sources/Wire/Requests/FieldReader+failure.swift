import Domain

extension FieldReader {
  /// The failure that a problem of a field is, with the message for people.
  func failure(_ field: Int, _ problem: FieldProblem) -> RequestFailure {
    let fieldPlan = plan.fields[field]
    let name = Quotation.name(plan.schema.inputs[field].column.name)
    let place = problem.element < 0 ? name : "\(name)[\(problem.element)]"
    let found = problem.position == 0 ? "nothing" : Quotation.value(tape, problem.position)
    switch problem.kind {
    case .missing, .wrongType, .wrongWidth:
      let isWhole = fieldPlan.width > 1 && problem.element < 0
      let expected =
        isWhole ? "an array of \(fieldPlan.width) \(fieldPlan.expectedElements)" : fieldPlan.expectedElement
      return RequestFailure(
        problem.kind == .missing ? .missingField : .schemaMismatch, "\(place): expected \(expected), got \(found)")
    case .notFinite:
      return RequestFailure(.notFinite, "\(place): expected a number that FP32 can hold, got \(found)")
    case .notInteger64:
      return RequestFailure(.outOfRange, "\(place): expected an integer of 64 bits, got \(found)")
    case .belowMinimum:
      let expected = Quotation.number(fieldPlan.minimum)
      return RequestFailure(.outOfRange, "\(place): expected at least \(expected), got \(found)")
    case .aboveMaximum:
      let expected = Quotation.number(fieldPlan.maximum)
      return RequestFailure(.outOfRange, "\(place): expected at most \(expected), got \(found)")
    case .notListed:
      let expected = Quotation.list(of: plan.schema.inputs[field].values ?? [])
      return RequestFailure(.outOfRange, "\(place): expected \(expected), got \(found)")
    case .tooShort:
      let expected = "at least \(Quotation.characters(fieldPlan.minimumLength))"
      return RequestFailure(.outOfRange, "\(place): expected \(expected), got \(length(problem)): \(found)")
    case .tooLong:
      let expected = "at most \(Quotation.characters(fieldPlan.maximumLength))"
      return RequestFailure(.outOfRange, "\(place): expected \(expected), got \(length(problem)): \(found)")
    case .notMatching:
      let expected = Quotation.text(plan.schema.inputs[field].pattern ?? "")
      return RequestFailure(.outOfRange, "\(place): expected a text that matches \(expected), got \(found)")
    }
  }

  private func length(_ problem: FieldProblem) -> Int { tape.characterCount(problem.position) }

  /// The failure that a field is none of the inputs.
  func unknownFailure(at position: Int) -> RequestFailure {
    RequestFailure(
      .schemaMismatch,
      "\(Quotation.name(tape.text(position))): expected \(expectedInput), got a field that it does not know")
  }

  /// What messages say a name must be.
  var expectedInput: String {
    let inputs = plan.schema.inputs
    let known = inputs.prefix(Limits.quotedNames).map { Quotation.name($0.column.name) }.joined(separator: ", ")
    return "one of the release's inputs (\(known)\(inputs.count > Limits.quotedNames ? "…" : ""))"
  }
}
