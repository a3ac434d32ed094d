#include "tests/algorithms/kernels/kernel_case.hpp"

namespace skerry::kernels {
namespace {

using Floats = std::vector<float>;

TEST_CASE("relu cuts at zero and lets cotangents through where it did not") {
  Draw draw(11);
  const Floats x = draw.values(96), dy = draw.values(96);
  for (const Kernels* k : tables()) {
    Floats y = x, dx = dy;
    y[0] = -0.0f;
    k->relu({.size = y.size(), .x = y.data()});
    k->relu_backward({.size = y.size(), .y = y.data(), .dy = dx.data()});
    CHECK_FALSE(std::signbit(y[0]));
    CHECK(dx[0] == 0);
    for (std::size_t i = 1; i < x.size(); ++i) {
      CHECK(y[i] == std::max(0.0f, x[i]));
      CHECK(dx[i] == (x[i] > 0 ? dy[i] : 0));
    }
  }
}

TEST_CASE("a transpose moves every element and nothing else") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Draw draw(seed);
    const std::size_t rows = draw.between(1, 50), columns = draw.between(1, 50);
    CAPTURE(seed, rows, columns);
    const Floats from = draw.values(rows * (columns + 2));
    Floats wanted(columns * (rows + 1), -1);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < columns; ++c)
        wanted[c * (rows + 1) + r] = from[r * (columns + 2) + c];
    for (const Kernels* k : tables()) {
      Floats to(columns * (rows + 1), -1);
      k->transpose({.rows = rows,
                    .columns = columns,
                    .from = from.data(),
                    .from_pitch = columns + 2,
                    .to = to.data(),
                    .to_pitch = rows + 1});
      CHECK(difference(to, wanted) == "");
    }
  }
}

TEST_CASE("the best table is one this processor can run, and plain always is") {
  REQUIRE(table(InstructionSet::kPlain) != nullptr);
  CHECK(table(best().set) == &best());
  CHECK(tables().back() == &best());
  CHECK(to_string(InstructionSet::kPlain) == "plain");
  CHECK(to_string(InstructionSet::kAvx2) == "avx2");
  CHECK(to_string(InstructionSet::kAvx512) == "avx512");
}

}  // namespace
}  // namespace skerry::kernels
