// The native learners' kernels against Eigen, OpenBLAS and oneDNN: the products of the reference
// workloads at batch 10 on one thread, interleaved in one process.
//   MLP 784-200-200-10, and the CNN of the FedAvg paper (5 x 5 convolutions of 32 and 64 channels,
//   dense layers 3136-512-10).
// Every library may choose the layout of its operands beforehand (oneDNN: format `any`). Eigen and
// OpenBLAS get convolutions as the bare product of an im2col matrix that costs nothing. Rates count
// 2 * positions * outputs * taps flops, even where some are left out. Time is the thread's
// processor time, so that other programs do not count.
//
// usage: bench-kernels [rounds] [part of a name]
#include "algorithms/kernels/kernels.hpp"

#include <time.h>

#include <Eigen/Core>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#ifdef SKERRY_BENCH_OPENBLAS
#include <cblas.h>
#endif
#ifdef SKERRY_BENCH_ONEDNN
#include <omp.h>

#include <oneapi/dnnl/dnnl.hpp>
#endif

namespace skerry::kernels {
namespace {

constexpr std::size_t kRows = 10;

/// Zero-mean values, 64-byte aligned as the learners' buffers are, with a little room after them.
class Buffer {
 public:
  explicit Buffer(std::size_t size)
      : data_(static_cast<float*>(std::aligned_alloc(64, (size + 2 * kPanel) / 16 * 64)),
              std::free) {
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < (size + 2 * kPanel) / 16 * 16; ++i) {
      state = state * 1664525u + 1013904223u;
      data_.get()[i] = (static_cast<float>(state >> 8) * 0x1p-24f - 0.5f) * 0.02f;
    }
  }
  operator float*() const { return data_.get(); }  // NOLINT: a buffer is its values

 private:
  std::unique_ptr<float, decltype(&std::free)> data_;
};

struct Contestant {
  std::string name;
  std::function<void()> run;
};
struct Product {
  std::string name;
  double flops;
  std::vector<Contestant> contestants;  // ours first
};

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}
double seconds(const std::function<void()>& run, int times) {
  const double start = thread_seconds();
  for (int i = 0; i < times; ++i) run();
  return (thread_seconds() - start) / times;
}

#if defined(__AVX512F__)
constexpr int kPeakLanes = 16;  // float32 values in a register
#elif defined(__AVX__)
constexpr int kPeakLanes = 8;
#else
constexpr int kPeakLanes = 4;
#endif
/// The processor's peak: sums in registers, nothing from memory.
constexpr int kPeakSums = 12, kPeakSteps = 4096;
using PeakVector = float __attribute__((vector_size(sizeof(float) * kPeakLanes)));
[[gnu::noinline]] void peak_steps() {
  PeakVector sums[kPeakSums] = {};
  PeakVector factor = PeakVector{} + 0.999f, addend = PeakVector{} + 0.001f;
  asm volatile("" : "+v"(factor), "+v"(addend));
  for (int i = 0; i < kPeakSteps; ++i) {
#pragma GCC unroll 12
    for (int j = 0; j < kPeakSums; ++j) {
      sums[j] = sums[j] * factor + addend;
      asm volatile("" : "+v"(sums[j]));
    }
  }
}
double peak_flops() { return 2.0 * kPeakLanes * kPeakSums * kPeakSteps / seconds(peak_steps, 10); }

// ---- Libraries ---------------------------------------------------------------------------------

/// C [m, n] = A [m, k] * B [k, n], row-major; a flag says that the operand is stored transposed.
struct Gemm {
  int m, n, k;
  bool a_transposed, b_transposed;
};

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

void add_gemms(Product& product, const Gemm& g) {
  const auto a = std::make_shared<Buffer>(static_cast<std::size_t>(g.m) * g.k);
  const auto b = std::make_shared<Buffer>(static_cast<std::size_t>(g.k) * g.n);
  const auto c = std::make_shared<Buffer>(static_cast<std::size_t>(g.m) * g.n);
  product.contestants.push_back({"Eigen", [=] {
                                   const Eigen::Map<RowMajor> left(*a, g.a_transposed ? g.k : g.m,
                                                                   g.a_transposed ? g.m : g.k);
                                   const Eigen::Map<RowMajor> right(*b, g.b_transposed ? g.n : g.k,
                                                                    g.b_transposed ? g.k : g.n);
                                   Eigen::Map<RowMajor> out(*c, g.m, g.n);
                                   if (g.a_transposed) {
                                     out.noalias() = left.transpose() * right;
                                   } else if (g.b_transposed) {
                                     out.noalias() = left * right.transpose();
                                   } else {
                                     out.noalias() = left * right;
                                   }
                                 }});
#ifdef SKERRY_BENCH_OPENBLAS
  product.contestants.push_back(
      {"OpenBLAS", [=] {
         cblas_sgemm(CblasRowMajor, g.a_transposed ? CblasTrans : CblasNoTrans,
                     g.b_transposed ? CblasTrans : CblasNoTrans, g.m, g.n, g.k, 1.0f, *a,
                     g.a_transposed ? g.m : g.k, *b, g.b_transposed ? g.k : g.n, 0.0f, *c, g.n);
       }});
#endif
}

enum class Direction { kForward, kBackwardInput, kBackwardWeights };

/// A layer for oneDNN: a dense one has images of one pixel and no kernel.
struct LayerShape {
  long image, channels, outputs, kernel;
};

#ifdef SKERRY_BENCH_ONEDNN
using dnnl::memory;

struct OneDnn {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  static const OneDnn& instance() {
    static const OneDnn one;
    return one;
  }
};

memory::desc any(const memory::dims& dims) {
  return {dims, memory::data_type::f32, memory::format_tag::any};
}
memory filled(const memory::desc& desc) {
  memory out(desc, OneDnn::instance().engine);
  auto* values = static_cast<float*>(out.get_data_handle());
  const Buffer source(desc.get_size() / sizeof(float));
  std::copy_n(static_cast<float*>(source), desc.get_size() / sizeof(float), values);
  return out;
}

template <class Primitive>
void add_primitive(Product& product, const Primitive& primitive,
                   const std::vector<std::pair<int, memory::desc>>& operands) {
  std::unordered_map<int, memory> memories;
  for (const auto& [role, desc] : operands) memories.emplace(role, filled(desc));
  product.contestants.push_back(
      {"oneDNN", [=] { primitive.execute(OneDnn::instance().stream, memories); }});
}

/// Forward, BackwardData and BackwardWeights are primitives, each made from its description.
template <class Forward, class BackwardData, class BackwardWeights, class... Rest>
void add_onednn_of(Product& product, Direction direction, const typename Forward::desc& forward,
                   const typename BackwardData::desc& data,
                   const typename BackwardWeights::desc& weights) {
  const auto& engine = OneDnn::instance().engine;
  const typename Forward::primitive_desc hint(forward, engine);
  if (direction == Direction::kForward) {
    add_primitive(product, Forward(hint),
                  {{DNNL_ARG_SRC, hint.src_desc()},
                   {DNNL_ARG_WEIGHTS, hint.weights_desc()},
                   {DNNL_ARG_BIAS, hint.bias_desc()},
                   {DNNL_ARG_DST, hint.dst_desc()}});
  } else if (direction == Direction::kBackwardInput) {
    const typename BackwardData::primitive_desc pd(data, engine, hint);
    add_primitive(product, BackwardData(pd),
                  {{DNNL_ARG_DIFF_SRC, pd.diff_src_desc()},
                   {DNNL_ARG_WEIGHTS, pd.weights_desc()},
                   {DNNL_ARG_DIFF_DST, pd.diff_dst_desc()}});
  } else {
    const typename BackwardWeights::primitive_desc pd(weights, engine, hint);
    add_primitive(product, BackwardWeights(pd),
                  {{DNNL_ARG_SRC, pd.src_desc()},
                   {DNNL_ARG_DIFF_WEIGHTS, pd.diff_weights_desc()},
                   {DNNL_ARG_DIFF_BIAS, pd.diff_bias_desc()},
                   {DNNL_ARG_DIFF_DST, pd.diff_dst_desc()}});
  }
}

void add_onednn(Product& product, Direction direction, const LayerShape& l) {
  const auto training = dnnl::prop_kind::forward_training;
  const memory::desc bias = any({l.outputs});
  if (l.kernel == 0) {
    const auto x = any({kRows, l.channels}), w = any({l.outputs, l.channels});
    const auto y = any({kRows, l.outputs});
    add_onednn_of<dnnl::inner_product_forward, dnnl::inner_product_backward_data,
                  dnnl::inner_product_backward_weights>(
        product, direction, {training, x, w, bias, y}, {x, w, y}, {x, w, bias, y});
    return;
  }
  const auto direct = dnnl::algorithm::convolution_direct;
  const auto x = any({kRows, l.channels, l.image, l.image});
  const auto w = any({l.outputs, l.channels, l.kernel, l.kernel});
  const auto y = any({kRows, l.outputs, l.image, l.image});
  const memory::dims step{1, 1}, around{l.kernel / 2, l.kernel / 2};
  add_onednn_of<dnnl::convolution_forward, dnnl::convolution_backward_data,
                dnnl::convolution_backward_weights>(
      product, direction, {training, direct, x, w, bias, y, step, around, around},
      {direct, x, w, y, step, around, around}, {direct, x, w, bias, y, step, around, around});
}
#else
void add_onednn(Product&, Direction, const LayerShape&) {}
#endif

// ---- Ours --------------------------------------------------------------------------------------

struct Dense {
  MatrixShape shape;
  std::size_t pitch = padded(shape.outputs);
  Buffer x{kRows * shape.inputs}, dx{kRows * shape.inputs}, y{kRows * pitch}, bias{pitch};
  Buffer weights{shape.packed_size()}, gradient{shape.packed_size()};
  Buffer scratch{DenseBackwardInput::scratch_size(shape, kRows)};
  double flops = 2.0 * static_cast<double>(kRows * shape.inputs * shape.outputs);
};

void dense(std::vector<Product>& products, MatrixShape shape) {
  const auto d = std::make_shared<Dense>(Dense{.shape = shape});
  const Kernels& k = best();
  const std::string at = "dense " + std::to_string(kRows) + "x" + std::to_string(shape.inputs) +
                         "x" + std::to_string(shape.outputs);
  const int n = static_cast<int>(shape.outputs), inputs = static_cast<int>(shape.inputs);
  const LayerShape layer{1, inputs, n, 0};
  const auto add = [&](const std::string& name, const Gemm& gemm, Direction direction,
                       std::function<void()> ours) {
    products.push_back({at + name, d->flops, {{"ours", std::move(ours)}}});
    add_gemms(products.back(), gemm);
    add_onednn(products.back(), direction, layer);
  };
  add(" forward", {kRows, n, inputs, false, true}, Direction::kForward, [=, &k] {
    k.dense_forward({d->shape, kRows, d->x, d->shape.inputs, d->weights, d->bias, d->y, d->pitch});
  });
  add(" input", {kRows, inputs, n, false, false}, Direction::kBackwardInput, [=, &k] {
    k.dense_backward_input(
        {d->shape, kRows, d->y, d->pitch, d->weights, d->dx, d->shape.inputs, d->scratch});
  });
  add(" weights", {n, inputs, kRows, true, false}, Direction::kBackwardWeights, [=, &k] {
    k.dense_backward_weights(
        {d->shape, kRows, d->x, d->shape.inputs, d->y, d->pitch, d->gradient, d->bias});
  });
  products.push_back({at + " input + step", 2 * d->flops, {{"ours", [=, &k] {
                                                              k.dense_update(
                                                                  {.shape = d->shape,
                                                                   .rows = kRows,
                                                                   .x = d->x,
                                                                   .x_pitch = d->shape.inputs,
                                                                   .dy = d->y,
                                                                   .dy_pitch = d->pitch,
                                                                   .rule = {.rate = 1e-6f},
                                                                   .weights = d->weights,
                                                                   .bias = d->bias,
                                                                   .dx = d->dx,
                                                                   .dx_pitch = d->shape.inputs,
                                                                   .scratch = d->scratch});
                                                            }}}});
}

/// A convolution with its cotangents listed: every one, or one in each window of a pool.
struct Convolution {
  std::size_t size, channels, outputs;
  KernelShape kernel{outputs, channels, 5, 5};
  std::size_t edge = size + 4, out = padded(outputs);
  Positions positions{kRows, size, size}, windows{kRows, size / 2, size / 2};
  Strides x_strides{edge * edge * channels, edge* channels, channels};
  Buffer x{kRows * x_strides.sample}, y{positions.count() * out};
  Buffer which{windows.count() * out}, dy{windows.count() * out};
  Buffer weights{out * kernel.taps()}, gradient{out * kernel.taps()}, bias{out};
  Buffer turned{TurnKernel::turned_size(kernel)};
  Buffer dx{kRows * edge * edge * padded(channels)};
  Buffer scratch{ConvolveBackwardWeights::scratch_size(kernel)};
  std::vector<std::uint32_t> begin =
      std::vector<std::uint32_t>(std::max(kRows * outputs, positions.count()) + 1);
  std::vector<std::uint32_t> at =
      std::vector<std::uint32_t>(positions.count() * outputs + CotangentLists::kSlack);
  Buffer value{positions.count() * outputs + CotangentLists::kSlack};
  double flops = 2.0 * static_cast<double>(positions.count() * outputs * kernel.taps());

  CotangentLists lists() { return {begin.data(), at.data(), value}; }
  void spread_winners() {
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < windows.count() * out; ++i) {
      which[i] = static_cast<float>((state = state * 1664525u + 1013904223u) >> 30);
    }
  }
  void list_everything(bool by_output) {
    const std::size_t count = by_output ? kRows * outputs : positions.count();
    const std::size_t each = positions.count() * outputs / count;
    for (std::size_t i = 0; i <= count; ++i) begin[i] = static_cast<std::uint32_t>(i * each);
    for (std::size_t i = 0; i < count * each; ++i) {
      const std::size_t j = i % each;
      at[i] = static_cast<std::uint32_t>(by_output ? j / size * x_strides.row + j % size * channels
                                                   : j * TurnKernel::step(kernel));
    }
  }
  void pooled_weights(const Kernels& k) {
    if (channels > 1) {
      list_pooled(k, true);
      return weights_product(k);
    }
    k.convolve_backward_few({.kernel = kernel,
                             .windows = windows,
                             .which = which,
                             .dy = dy,
                             .x = x,
                             .x_sample = x_strides.sample,
                             .x_line = x_strides.row,
                             .weight_gradient = gradient,
                             .bias_gradient = bias});
  }
  void list_pooled(const Kernels& k, bool by_output) {
    if (by_output) {
      const std::size_t rows = windows.height * windows.width * outputs;
      k.list_by_output({.windows = windows,
                        .outputs = outputs,
                        .which = which,
                        .dy = dy,
                        .which_sample = rows,
                        .dy_sample = rows,
                        .x_line = x_strides.row,
                        .x_pixel = channels,
                        .lists = lists()});
    } else {
      k.list_by_position({.positions = positions,
                          .outputs = outputs,
                          .which = which,
                          .dy = dy,
                          .step = TurnKernel::step(kernel),
                          .lists = lists()});
    }
  }
  void weights_product(const Kernels& k) {
    k.convolve_backward_weights({.kernel = kernel,
                                 .samples = kRows,
                                 .lists = lists(),
                                 .lists_sample = outputs,
                                 .x = x,
                                 .x_sample = x_strides.sample,
                                 .x_line = x_strides.row,
                                 .weight_gradient = gradient,
                                 .bias_gradient = bias,
                                 .scratch = scratch});
  }
  void input_product(const Kernels& k) {
    k.turn_kernel({.kernel = kernel, .from = weights, .to = turned});
    k.convolve_backward_input(
        {.kernel = kernel, .positions = positions, .lists = lists(), .weights = turned, .dx = dx});
  }
};

void convolution(std::vector<Product>& products, std::size_t size, std::size_t channels,
                 std::size_t outputs) {
  const auto make = [=] {
    auto c = std::make_shared<Convolution>(
        Convolution{.size = size, .channels = channels, .outputs = outputs});
    c->spread_winners();
    return c;
  };
  const Kernels& k = best();
  const std::string at = "conv " + std::to_string(size) + "x" + std::to_string(size) + "x" +
                         std::to_string(channels) + "x" + std::to_string(outputs);
  const int taps = static_cast<int>(25 * channels), n = static_cast<int>(outputs);
  const int positions = static_cast<int>(kRows * size * size);
  const LayerShape layer{static_cast<long>(size), static_cast<long>(channels), n, 5};
  const auto add = [&](const std::string& name, const Gemm& gemm, Direction direction,
                       std::function<void()> ours) {
    products.push_back({at + name, make()->flops, {{"ours", std::move(ours)}}});
    add_gemms(products.back(), gemm);
    add_onednn(products.back(), direction, layer);
  };
  add(" forward", {positions, n, taps, false, true}, Direction::kForward, [c = make(), &k] {
    k.convolve({.kernel = c->kernel,
                .positions = c->positions,
                .border = 2,
                .x = c->x,
                .x_strides = c->x_strides,
                .weights = c->weights,
                .bias = c->bias,
                .y = c->y,
                .y_strides = {c->size * c->size * c->out, c->size * c->out, c->out}});
  });
  for (const bool pooled : {false, true}) {
    const auto data = make(), other = make();
    data->list_everything(false);
    other->list_everything(true);
    if (channels > 1) {  // the first layer of a network has no input gradient
      add(pooled ? " input, pooled" : " input", {positions, taps, n, false, false},
          Direction::kBackwardInput, [=, &k] {
            if (pooled) data->list_pooled(k, false);
            data->input_product(k);
          });
    }
    add(pooled ? " weights, pooled" : " weights", {n, taps, positions, true, false},
        Direction::kBackwardWeights,
        [=, &k] { pooled ? other->pooled_weights(k) : other->weights_product(k); });
  }
}

// ---- The table ---------------------------------------------------------------------------------

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void measure(const Product& product, int rounds) {
  std::vector<int> times;
  for (const Contestant& c : product.contestants) {
    c.run();
    times.push_back(static_cast<int>(2e-3 / seconds(c.run, 3)) + 1);
  }
  std::map<std::string, std::vector<double>> rates;
  std::vector<double> to_best, to_peak;
  for (int round = 0; round < rounds; ++round) {
    double ours = 0, best_library = 0;
    for (std::size_t i = 0; i < product.contestants.size(); ++i) {
      const double rate = product.flops / seconds(product.contestants[i].run, times[i]);
      rates[product.contestants[i].name].push_back(rate);
      i == 0 ? ours = rate : best_library = std::max(best_library, rate);
    }
    if (best_library > 0) to_best.push_back(ours / best_library);
    to_peak.push_back(ours / peak_flops());
  }
  std::printf("%-30s", product.name.c_str());
  for (const char* name : {"ours", "Eigen", "OpenBLAS", "oneDNN"}) {
    const auto found = rates.find(name);
    found == rates.end() ? std::printf(" %8s", "-")
                         : std::printf(" %8.1f", median(found->second) * 1e-9);
  }
  std::printf(" %6.2f", median(to_peak));
  if (!to_best.empty()) {
    std::sort(to_best.begin(), to_best.end());
    std::printf(" %6.2f  %.2f-%.2f", median(to_best), to_best[to_best.size() / 4],
                to_best[to_best.size() * 3 / 4]);
  }
  std::printf("\n");
  std::fflush(stdout);
}

int table_of_kernels(int rounds, const std::string& wanted) {
#ifdef SKERRY_BENCH_OPENBLAS
  openblas_set_num_threads(1);
#endif
  std::vector<Product> products;
  dense(products, {.outputs = 200, .inputs = 784});
  dense(products, {.outputs = 200, .inputs = 200});
  dense(products, {.outputs = 10, .inputs = 200});
  convolution(products, 28, 1, 32);
  convolution(products, 14, 32, 64);
  dense(products, {.outputs = 512, .inputs = 3136});
  dense(products, {.outputs = 10, .inputs = 512});
  std::printf("%s kernels, one thread, peak %.0f GFLOP/s; medians of %d rounds, GFLOP/s\n",
              std::string(to_string(best().set)).c_str(), peak_flops() * 1e-9, rounds);
  std::printf("%-30s %8s %8s %8s %8s %6s %6s  %s\n", "", "ours", "Eigen", "OpenBLAS", "oneDNN",
              "/peak", "/best", "middle half");
  for (const Product& product : products) {
    if (product.name.find(wanted) != std::string::npos) measure(product, rounds);
  }
  return 0;
}

}  // namespace
}  // namespace skerry::kernels

int main(int argc, char** argv) {
#ifdef SKERRY_BENCH_ONEDNN
  omp_set_num_threads(1);
#endif
  return skerry::kernels::table_of_kernels(argc > 1 ? std::max(1, std::atoi(argv[1])) : 15,
                                           argc > 2 ? argv[2] : "");
}
