#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "algorithms/sdk/random.hpp"

namespace skerry {

// Cryptography of the right shape but without strength, for probes of the contracts: Diffie-Hellman
// keys and Shamir's shares over the prime 2^61 - 1, masks and one-time pads from our own generator.

using Field = std::uint64_t;
constexpr Field kPrime = (Field{1} << 61) - 1, kBase = 37;

inline Field times(Field a, Field b, Field prime = kPrime) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<Field>(static_cast<Wide>(a) * b % prime);
}
/// A public key of kBase and a secret; the key of two nodes of one's public and the other's secret.
inline Field power(Field base, Field exponent, Field prime = kPrime) {
  Field result = 1;
  for (; exponent > 0; exponent >>= 1, base = times(base, base, prime)) {
    if (exponent & 1) result = times(result, base, prime);
  }
  return result;
}

/// Value at x of the polynomial whose lowest coefficient is the secret.
inline Field share_of(std::span<const Field> coefficients, Field x, Field prime = kPrime) {
  Field value = 0;
  for (std::size_t i = coefficients.size(); i-- > 0;) {
    value = (times(value, x, prime) + coefficients[i]) % prime;
  }
  return value;
}
struct SecretShare {
  Field x, y;
};
/// The polynomial's value at 0, by Lagrange.
inline Field secret_of(std::span<const SecretShare> shares, Field prime = kPrime) {
  Field secret = 0;
  for (const SecretShare& p : shares) {
    Field term = p.y;
    for (const SecretShare& q : shares) {
      if (q.x == p.x) continue;
      const Field difference = (q.x + prime - p.x) % prime;
      term = times(term, times(q.x, power(difference, prime - 2, prime), prime), prime);
    }
    secret = (secret + term) % prime;
  }
  return secret;
}

/// Adds a seed's mask modulo 2^64, or takes it away.
inline void add_mask(Field seed, bool positive, std::span<std::int64_t> values) {
  RandomStream random(seed, "toy_secrets/mask");
  for (auto& value : values) {
    const std::uint64_t mask = random.bits64();
    value = std::int64_t(std::uint64_t(value) + (positive ? mask : 0 - mask));
  }
}
/// One-time pad of two words that `writer` writes for the other holder of the key.
inline std::array<std::int64_t, 2> pad(Field key, std::uint32_t writer) {
  RandomStream random(key, "toy_secrets/pad", NodeId::edge(writer));
  const auto first = std::int64_t(random.bits64());
  return {first, std::int64_t(random.bits64())};
}

}  // namespace skerry
