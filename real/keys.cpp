#include "real/keys.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "algorithms/sdk/ids.hpp"
#include "scenarios/host/durable_file.hpp"

namespace skerry::real {

namespace fs = std::filesystem;

namespace {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;

constexpr const char* kAuthority = "ca";
constexpr const char* kAuthorityName = "skerry authority";

/// For calls of OpenSSL that fail only when memory or randomness does.
void must(bool ok) { SKERRY_CHECK(ok, "OpenSSL can make keys and certificates"); }

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  must(key != nullptr);
  return key;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

Certificate make_certificate(const std::string& name, EVP_PKEY* key, int days) {
  Certificate certificate(X509_new());
  unsigned char serial[16];
  must(certificate != nullptr && RAND_bytes(serial, sizeof serial) == 1);
  serial[0] &= 0x7f;
  std::unique_ptr<BIGNUM, Free<BN_free>> number(BN_bin2bn(serial, sizeof serial, nullptr));
  must(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) != nullptr);
  must(X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -300);  // clocks differ a little
  X509_time_adj_ex(X509_getm_notAfter(certificate.get()), days, 0, nullptr);
  must(X509_set_pubkey(certificate.get(), key) == 1);
  must(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                                  reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                                  0) == 1);
  return certificate;
}

template <class Write>
std::string pem(Write write) {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(bio != nullptr && write(bio.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Status write_text(const fs::path& path, const std::string& text) {
  return host::write_durably(path, std::as_bytes(std::span(text)));
}

Status save(const fs::path& folder, const std::string& stem, X509* certificate, EVP_PKEY* key) {
  const std::string key_text = pem([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  if (auto saved = write_text(folder / (stem + ".key"), key_text); !saved) return saved;
  return write_text(folder / (stem + ".crt"),
                    pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); }));
}

Result<std::string> read_text(const fs::path& path) {
  const auto bytes = host::read_file(path);
  if (!bytes) return bytes.failure();
  return std::string(reinterpret_cast<const char*>(bytes.value().data()), bytes.value().size());
}

Bio reading(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Result<Certificate> load_certificate(const fs::path& path) {
  const auto text = read_text(path);
  if (!text) return text.failure();
  Certificate certificate(
      PEM_read_bio_X509(reading(text.value()).get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) return wrong_input(path.string() + ": is not a certificate");
  return certificate;
}

std::string date_of(const ASN1_TIME* time) {
  tm parts{};
  must(ASN1_TIME_to_tm(time, &parts) == 1);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

}  // namespace

Status KeyFolder::make_authority(int days) {
  if (auto made = host::make_directory(folder_); !made) return made;
  if (fs::exists(folder_ / "ca.key")) {
    return wrong_input((folder_ / "ca.key").string() +
                       ": exists already; certificates it has signed would become worthless, so it "
                       "is not replaced");
  }
  const Key key = make_key();
  const Certificate certificate = make_certificate(kAuthorityName, key.get(), days);
  must(X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get())) == 1);
  add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate.get(), certificate.get(), NID_key_usage,
                "critical,keyCertSign,cRLSign");
  add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
  must(X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0);
  return save(folder_, kAuthority, certificate.get(), key.get());
}

Status KeyFolder::add(const std::string& name, int days) {
  if (!parse_node(name) && name != "operator") {
    return wrong_input("\"" + name + "\" is not a node: cloud, edge-0, edge-1 ... or operator");
  }
  if (fs::exists(folder_ / (name + ".crt"))) {
    return wrong_input((folder_ / (name + ".crt")).string() + ": exists already; remove it first");
  }
  const auto text = read_text(folder_ / "ca.key");
  if (!text) return wrong_input(text.message() + "; make an authority first: skerry keys init");
  auto authority = load_certificate(folder_ / "ca.crt");
  if (!authority) return authority.failure();
  const Key signer(PEM_read_bio_PrivateKey(reading(text.value()).get(), nullptr, nullptr, nullptr));
  if (signer == nullptr) return wrong_input((folder_ / "ca.key").string() + ": is not a key");

  const Key key = make_key();
  const Certificate certificate = make_certificate(name, key.get(), days);
  X509* issuer = authority->get();
  must(X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) == 1);
  add_extension(certificate.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate.get(), issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(certificate.get(), issuer, NID_ext_key_usage,
                name == "cloud" ? "serverAuth,clientAuth" : "clientAuth");
  add_extension(certificate.get(), issuer, NID_subject_alt_name, "DNS:" + name);
  add_extension(certificate.get(), issuer, NID_subject_key_identifier, "hash");
  add_extension(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
  must(X509_sign(certificate.get(), signer.get(), EVP_sha256()) != 0);
  return save(folder_, name, certificate.get(), key.get());
}

Result<std::vector<CertificateInfo>> KeyFolder::list() const {
  std::vector<CertificateInfo> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    if (entry.path().extension() != ".crt") continue;
    auto certificate = load_certificate(entry.path());
    if (!certificate) return certificate.failure();
    const ASN1_TIME* end = X509_get0_notAfter(certificate->get());
    all.push_back({entry.path().stem().string(), entry.path().string(), date_of(end),
                   X509_cmp_current_time(end) < 0});
  }
  if (error) return wrong_input(folder_.string() + ": cannot be read: " + error.message());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::pair(a.name.size(), a.name) < std::pair(b.name.size(), b.name);
  });
  return all;
}

Result<NodeKeys> KeyFolder::load(const std::string& name) const {
  NodeKeys keys;
  const std::pair<std::string, std::string*> files[] = {
      {"ca.crt", &keys.authority}, {name + ".crt", &keys.certificate}, {name + ".key", &keys.key}};
  for (const auto& [file, text] : files) {
    auto read = read_text(folder_ / file);
    if (!read) {
      return Failure{read.message() +
                     "; certificates are made by: skerry keys init, then "
                     "skerry keys add " +
                     name};
    }
    *text = std::move(*read);
  }
  return keys;
}

}  // namespace skerry::real
