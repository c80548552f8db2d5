/// Open Inference bodies good and bad.
enum OpenInferenceRequests {
  private static func tensor(_ name: String, _ datatype: String, _ shape: String, _ data: String) -> String {
    #"{"name":"\#(name)","datatype":"\#(datatype)","shape":\#(shape),"data":\#(data)}"#
  }

  private static func body(_ tensors: [String], _ more: String = "") -> String {
    #"{"id":"r-8","inputs":["# + tensors.joined(separator: ",") + "]\(more)}"
  }

  private static let age = tensor("age", "FP32", "[2]", "[41,29]")
  private static let income = tensor("income", "FP64", "[2]", "[1.5,2.5]")
  private static let state = tensor("state", "BYTES", "[2]", #"["FL","NY"]"#)
  private static let good = [age, income, state]

  static let all: [(name: String, request: String)] = accepted + refused + badRows

  private static let accepted: [(name: String, request: String)] = [
    ("good", body(good)),
    ("chosen outputs", body(good, #","outputs":[{"name":"rank"},{"name":"probability"},{"name":"rank"}]"#)),
    ("no outputs chosen", body(good, #","outputs":[]"#)),
    ("no id", #"{"inputs":[\#(age),\#(income),\#(state)]}"#),
    ("a column of width 1 in two dimensions", body([tensor("age", "FP32", "[2,1]", "[[41],[29]]"), income, state])),
    ("wide and flat", body(good + [tensor("pixels", "FP32", "[2,3]", "[1,2,3,4,5,6]")])),
    ("wide and nested", body(good + [tensor("pixels", "FP32", "[2,3]", "[[1,2,3],[4,5,6]]")])),
    ("other numeric datatypes", body([tensor("age", "UINT8", "[2]", "[41,29]"), income, state])),
    ("an unknown tensor is ignored", body([tensor("zip", "X", "[9]", "0")] + good)),
    ("null for an optional field", body(good + [tensor("visits", "INT64", "[2]", "[null,3]")])),
    ("truth values", body(good + [tensor("member", "BOOL", "[2]", "[true,false]")])),
    ("a member that comes twice", body([age.dropLast() + #","data":[1,2]}"#, income, state])),
  ]

  private static let refused: [(name: String, request: String)] = [
    ("no tensors", body([])),
    ("a tensor that is no object", body(good + ["7"])),
    ("no name", body(good + [#"{"shape":[2],"datatype":"FP32","data":[1,2]}"#])),
    ("a number as name", body([#"{"name":7,"shape":[2],"datatype":"FP32","data":[1,2]}"#] + good)),
    ("a tensor that comes twice", body(good + [age])),
    ("a missing tensor", body([age, state])),
    ("no shape", body([#"{"name":"age","datatype":"FP32","data":[1,2]}"#, income, state])),
    ("a shape of one dimension too many", body([tensor("age", "FP32", "[2,1,1]", "[1,2]"), income, state])),
    ("a shape without dimensions", body([tensor("age", "FP32", "[]", "[1]"), income, state])),
    ("a shape of text", body([tensor("age", "FP32", #"["2"]"#, "[1,2]"), income, state])),
    ("no rows", body([tensor("age", "FP32", "[0]", "[]"), income, state])),
    ("a negative number of rows", body([tensor("age", "FP32", "[-1]", "[]"), income, state])),
    ("the largest number of rows", body([tensor("age", "FP32", "[9223372036854775807]", "[1]"), income, state])),
    ("a wrong width", body(good + [tensor("pixels", "FP32", "[2,2]", "[1,2,3,4]")])),
    ("a missing width", body(good + [tensor("pixels", "FP32", "[6]", "[1,2,3,4,5,6]")])),
    ("no datatype", body([#"{"name":"age","shape":[2],"data":[1,2]}"#, income, state])),
    ("an unknown datatype", body([tensor("age", "FLOAT", "[2]", "[1,2]"), income, state])),
    ("text for a number", body([tensor("age", "BYTES", "[2]", #"["1","2"]"#), income, state])),
    ("numbers for a truth value", body(good + [tensor("member", "INT8", "[2]", "[0,1]")])),
    ("no data", body([#"{"name":"age","shape":[2],"datatype":"FP32"}"#, income, state])),
    ("data that is no array", body([tensor("age", "FP32", "[2]", "1"), income, state])),
    ("too little data", body([tensor("age", "FP32", "[2]", "[1]"), income, state])),
    ("too much data", body([tensor("age", "FP32", "[2]", "[1,2,3]"), income, state])),
    ("a nested row that is too short", body(good + [tensor("pixels", "FP32", "[2,3]", "[[1,2,3],[4,5]]")])),
    ("rows that differ", body([age, income, tensor("state", "BYTES", "[1]", #"["FL"]"#)])),
    ("too many rows", body([tensor("age", "FP32", "[5]", "[1,2,3,4,5]")])),
    ("an unknown output", body(good, #","outputs":[{"name":"score"}]"#)),
    ("outputs that are no array", body(good, #","outputs":{"name":"rank"}"#)),
    ("an output without a name", body(good, #","outputs":[{}]"#)),
    ("a bad id", #"{"id":true,"inputs":[\#(age),\#(income),\#(state)]}"#),
  ]

  private static let badRows: [(name: String, request: String)] = [
    ("one bad row hurts only itself", body([tensor("age", "FP32", "[2]", #"["x",29]"#), income, state])),
    ("all rows bad", body([tensor("age", "FP32", "[2]", #"["x",999]"#), income, state])),
    (
      "bad rows in several tensors",
      body([age, tensor("income", "FP64", "[2]", "[null,1]"), tensor("state", "BYTES", "[2]", #"["FL",1]"#)])
    ),
    ("a bad row, nested", body(good + [tensor("pixels", "FP32", "[2,3]", #"[[1,"x",3],[4,5,6]]"#)])),
    ("a bad row, flat", body(good + [tensor("pixels", "FP32", "[2,3]", #"[1,"x",3,4,5,6]"#)])),
    ("a nested element in flat data", body([tensor("age", "FP32", "[2]", "[41,[29]]"), income, state])),
  ]
}
