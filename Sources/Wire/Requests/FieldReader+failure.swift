import Domain

extension FieldReader {
  /// The failure that a problem of a field is, with the message for people.
  func failure(_ field: Int, _ problem: FieldProblem) -> RequestFailure {
    let fieldPlan = plan.fields[field]
    let name = Quotation.name(plan.inputs[field].column.name)
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
      let expected = Quotation.list((plan.inputs[field].values ?? []).map(Quotation.value))
      return RequestFailure(.outOfRange, "\(place): expected \(expected), got \(found)")
    }
  }
}
