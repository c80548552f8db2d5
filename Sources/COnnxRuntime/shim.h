// ONNX Runtime's C API, version 21. It needs no shim functions: the API is a struct of function pointers, and Swift calls those.
#pragma once
// malloc_trim, which Swift's Glibc module leaves out.
#include <malloc.h>
#include <onnxruntime_c_api.h>
