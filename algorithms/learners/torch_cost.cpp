#include "algorithms/learners/torch_cost.hpp"

#include <ATen/ATen.h>
#include <ATen/record_function.h>

#include <string_view>

namespace skerry::learners {

namespace {

thread_local CountedProducts* counted = nullptr;

/// What is known when an operator starts: products per value it will make or, for a transposed
/// convolution, all its products.
struct Started final : at::ObserverContext {
  double per_output = 0;
  double total = 0;
};

/// Which input of an operator is the left factor of its matrix product; -1 = it has none.
int left_factor(std::string_view name) {
  if (name == "aten::mm" || name == "aten::bmm" || name == "aten::mv") return 0;
  if (name == "aten::addmm" || name == "aten::baddbmm" || name == "aten::addmv") return 1;
  return -1;
}

std::unique_ptr<at::ObserverContext> on_start(const at::RecordFunction& function) {
  auto started = std::make_unique<Started>();
  const auto inputs = function.inputs();
  const std::string_view name = function.name();
  if (name == "aten::convolution") {
    const at::Tensor weight = inputs[1].toTensor();
    const double window = static_cast<double>(weight.numel()) / static_cast<double>(weight.size(0));
    const bool transposed = inputs[6].toBool();
    if (transposed) {
      started->total = window * static_cast<double>(inputs[0].toTensor().numel());
    } else {
      started->per_output = window;
    }
  } else if (const int factor = left_factor(name); factor >= 0) {
    const at::Tensor left = inputs[static_cast<std::size_t>(factor)].toTensor();
    started->per_output = static_cast<double>(left.size(-1));
  }
  return started;
}

void on_end(const at::RecordFunction& function, at::ObserverContext* context) {
  const auto& started = static_cast<const Started&>(*context);
  if ((started.per_output == 0 && started.total == 0) || counted == nullptr) return;
  if (function.outputs().empty()) return;  // it threw
  const double outputs = static_cast<double>(function.outputs()[0].toTensor().numel());
  const double products = started.total + started.per_output * outputs;
  if (counted->all == 0) counted->first = products;
  counted->all += products;
  counted->outputs += outputs;
}

/// Listens while it lives.
class Listener {
 public:
  explicit Listener(CountedProducts& result)
      : handle_(at::addThreadLocalCallback(at::RecordFunctionCallback(on_start, on_end)
                                               .needsInputs(true)
                                               .needsOutputs(true)
                                               .scopes({at::RecordScope::FUNCTION}))) {
    counted = &result;
  }
  ~Listener() {
    counted = nullptr;
    at::removeCallback(handle_);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

 private:
  at::CallbackHandle handle_;
};

}  // namespace

CountedProducts count_products(const std::function<void()>& work) {
  CountedProducts result;
  const Listener listener(result);
  work();
  return result;
}

}  // namespace skerry::learners
