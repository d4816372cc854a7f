// The C interface between the TorchSharp subset and libtorch. Everything is in this one translation unit,
// because parsing torch.h takes most of the compile time. No C++ exception leaves a function.
#include <malloc.h>
#include <cstdlib>
#include <string>
#include <thread>
#include <torch/torch.h>

#define API extern "C" __attribute__((visibility("default")))

using T = at::Tensor*;

// A number with its torch type; type < 0 means "none". Passed by value in two registers.
struct Number {
  int64_t type;
  int64_t bits;
};

namespace {

thread_local std::string last_error;
thread_local bool has_error = false;

void fail(const char* what) {
  last_error = what;
  has_error = true;
}

template <typename F>
void run(F&& body) {
  try {
    body();
  } catch (const c10::Error& e) {
    fail(e.what());
  } catch (const std::exception& e) {
    fail(e.what());
  } catch (...) {
    fail("libtorch threw an unknown exception");
  }
}

T wrap(at::Tensor value) { return value.defined() ? new at::Tensor(std::move(value)) : nullptr; }

// Runs an expression and returns its tensor, or null and the error.
template <typename F>
T make(F&& body) {
  T result = nullptr;
  run([&] { result = wrap(body()); });
  return result;
}

template <typename V, typename F>
V value_or(V fallback, F&& body) {
  V result = fallback;
  run([&] { result = body(); });
  return result;
}

template <typename P>
void unpack(P&& pair, T* first, T* second) {
  *first = wrap(std::get<0>(pair));
  *second = wrap(std::get<1>(pair));
}

at::Scalar scalar(Number n) {
  const auto type = static_cast<at::ScalarType>(n.type);
  if (type == at::kBool) return at::Scalar(n.bits != 0);
  if (at::isIntegralType(type, false)) return at::Scalar(n.bits);
  double value;
  std::memcpy(&value, &n.bits, sizeof value);
  return at::Scalar(value);
}

c10::optional<at::Scalar> scalar_or_none(Number n) {
  return n.type < 0 ? c10::optional<at::Scalar>() : c10::optional<at::Scalar>(scalar(n));
}

c10::optional<at::Tensor> tensor_or_none(T t) { return t ? c10::optional<at::Tensor>(*t) : c10::optional<at::Tensor>(); }

c10::optional<at::ScalarType> type_or_none(int8_t type) {
  return type < 0 ? c10::optional<at::ScalarType>() : c10::optional<at::ScalarType>(static_cast<at::ScalarType>(type));
}

c10::optional<at::Generator> generator_or_none(at::Generator* g) {
  return g ? c10::optional<at::Generator>(*g) : c10::optional<at::Generator>();
}

at::IntArrayRef list(const int64_t* values, int64_t count) { return at::IntArrayRef(values, static_cast<size_t>(count)); }

std::vector<at::Tensor> tensors(T* items, int64_t count) {
  std::vector<at::Tensor> result;
  result.reserve(count);
  for (int64_t i = 0; i < count; i++) result.push_back(*items[i]);
  return result;
}

at::Device device(int32_t type, int32_t index) {
  return at::Device(static_cast<at::DeviceType>(type), static_cast<at::DeviceIndex>(index));
}

at::TensorOptions options(int8_t type, int32_t device_type, int32_t device_index, bool requires_grad) {
  return at::TensorOptions().dtype(static_cast<at::ScalarType>(type)).device(device(device_type, device_index)).requires_grad(requires_grad);
}

}  // namespace

extern "C" void openblas_set_num_threads(int);

namespace {
void set_threads(int count) {
  at::set_num_threads(count);
  openblas_set_num_threads(count);
}

// Debian's libtorch returns every large buffer to the system, which costs 29,000 page faults in a forward pass,
// and starts with half of the processors.
__attribute__((constructor)) void tune() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2147483647);
  mallopt(M_TOP_PAD, 256 << 20);
  const auto processors = static_cast<int>(std::thread::hardware_concurrency());
  if (!std::getenv("OMP_NUM_THREADS") && processors > 0) run([&] { set_threads(processors); });
  has_error = false;
}
}  // namespace

#include "runtime.inc"
#include "tensor.inc"
#include "factories.inc"
#include "math.inc"
#include "nn.inc"
