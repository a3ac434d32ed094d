#pragma once

#include <cstdint>
#include <span>

namespace skerry {

// Elementary functions with one result on every machine: power series in double, evaluated with
// separate multiplications and additions (no FMA, no libm), so that every instruction set gives the
// same bits. Each states its largest error, against long double, in units in the last place (ulp);
// a test holds it to that. All take any input: NaN gives NaN, infinities their limits. The float
// functions round once, from double.

/// e^x, float. Error < 0.501 ulp. 0 below -103.98, +inf above 88.73.
float exp_f32(float x);
/// e^x, double. Error < 1 ulp. 0 below -745.14, +inf above 709.79.
double exp_f64(double x);
/// Natural logarithm, double. Error < 1 ulp. log(0) = -inf, log of a negative number is NaN.
double log_f64(double x);
/// Natural logarithm, float. Error < 0.501 ulp. log(0) = -inf, log of a negative number is NaN.
float log_f32(float x);
/// Hyperbolic tangent, float. Error < 0.501 ulp. tanh(-0) = -0.
float tanh_f32(float x);
/// Sine and cosine of 2*pi*turns for turns in [0, 1), double. Absolute error < 2e-16; exact at the
/// quarters.
struct SineCosine {
  double sine;
  double cosine;
};
SineCosine sine_cosine_turns(double turns);
/// x^y for x > 0, double, by exp(y log x). Relative error < 2e-13 where |y log x| < 700, and
/// < 4e-16 (1 + |y log x|) anywhere the result is a normal number.
double pow_f64(double x, double y);
/// x^n by squaring, double. Relative error < 2e-16 n.
double powi_f64(double x, std::uint64_t n);

/// Each value replaced by its e^x, log or tanh: the bits of the functions above, several values at
/// once.
void exp_f32(std::span<float> values);
void log_f32(std::span<float> values);
void tanh_f32(std::span<float> values);
void log_f64(std::span<double> values);

}  // namespace skerry
