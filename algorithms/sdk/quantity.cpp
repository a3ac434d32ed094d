#include "algorithms/sdk/quantity.hpp"

#include <charconv>
#include <cmath>
#include <span>
#include <vector>

#include "algorithms/sdk/problems.hpp"

namespace skerry {

namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr Unit kTimeUnits[] = {{"ns", 1},     {"us", 1e3},   {"ms", 1e6},   {"s", 1e9},
                               {"min", 60e9}, {"h", 3600e9}, {"d", 86400e9}};
constexpr Unit kByteUnits[] = {{"B", 1},           {"kB", 1e3},          {"MB", 1e6},
                               {"GB", 1e9},        {"TB", 1e12},         {"KiB", 1024},
                               {"MiB", 1048576.0}, {"GiB", 1073741824.0}};
constexpr Unit kRateUnits[] = {{"bit/s", 0.125},  {"kbit/s", 125}, {"Mbit/s", 125e3},
                               {"Gbit/s", 125e6}, {"B/s", 1},      {"kB/s", 1e3},
                               {"MB/s", 1e6},     {"GB/s", 1e9}};
constexpr Unit kComputeUnits[] = {
    {"FLOP/s", 1}, {"MFLOP/s", 1e6}, {"GFLOP/s", 1e9}, {"TFLOP/s", 1e12}};
constexpr Unit kPowerUnits[] = {{"mW", 1e-3}, {"W", 1}, {"kW", 1e3}};

Result<double> parse(std::string_view text, std::span<const Unit> units, std::string_view example) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  std::vector<std::string> names;
  for (const Unit& known : units) {
    names.emplace_back(known.name);
    if (error == std::errc{} && unit == known.name) {
      if (!(number >= 0) || std::isinf(number * known.factor)) {
        return Failure{"\"" + std::string(text) + "\" is not a finite quantity of 0 or more"};
      }
      return number * known.factor;
    }
  }
  return Failure{"\"" + std::string(text) + "\" is not a number with a unit like \"" +
                 std::string(example) + "\"; units: " + listed(names)};
}

// The shortest text that is exact; of equally short ones, the one with the first unit listed.
std::string write(double value, std::span<const Unit> units) {
  std::string best;
  for (const Unit& unit : units) {
    char text[40];
    const double number = value / unit.factor;
    const auto [end, error] = std::to_chars(text, text + sizeof text, number);
    std::string candidate = std::string(text, end) + " " + std::string(unit.name);
    const bool exact = number * unit.factor == value;
    if (exact && (best.empty() || candidate.size() < best.size())) best = candidate;
  }
  return best;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const auto ns = parse(text, kTimeUnits, "20 ms");
  if (!ns) return ns.failure();
  if (*ns > 9.2e18) return Failure{"\"" + std::string(text) + "\" is longer than 292 years"};
  return Duration::nanoseconds(static_cast<std::int64_t>(std::llround(*ns)));
}

Result<Bytes> parse_bytes(std::string_view text) {
  const auto bytes = parse(text, kByteUnits, "100 kB");
  if (!bytes) return bytes.failure();
  if (*bytes > 9e18) return Failure{"\"" + std::string(text) + "\" is more than 9 EB"};
  return Bytes{static_cast<std::uint64_t>(std::llround(*bytes))};
}

Result<DataRate> parse_data_rate(std::string_view text) {
  const auto rate = parse(text, kRateUnits, "10 Mbit/s");
  if (!rate) return rate.failure();
  return DataRate{*rate};
}

Result<ComputeRate> parse_compute_rate(std::string_view text) {
  const auto rate = parse(text, kComputeUnits, "13.5 GFLOP/s");
  if (!rate) return rate.failure();
  return ComputeRate{*rate};
}

Result<Power> parse_power(std::string_view text) {
  const auto power = parse(text, kPowerUnits, "4.2 W");
  if (!power) return power.failure();
  return Power{*power};
}

std::string quantity_text(Duration v) { return write(static_cast<double>(v.count()), kTimeUnits); }
std::string quantity_text(Bytes v) { return write(static_cast<double>(v.count), kByteUnits); }
std::string quantity_text(DataRate v) { return write(v.bytes_per_second, kRateUnits); }
std::string quantity_text(ComputeRate v) { return write(v.flops, kComputeUnits); }
std::string quantity_text(Power v) { return write(v.watts, kPowerUnits); }

}  // namespace skerry
