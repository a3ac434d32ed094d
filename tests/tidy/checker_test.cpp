// The checker itself: bad snippets are reported, good ones are not.

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/tidy/rules.hpp"

namespace skerry::tidy {
namespace {

std::string includes(const std::string& path, const std::string& line) {
  return text_of(include_findings(Source(path, "#pragma once\n" + line + "\n")));
}

TEST_CASE("an upward include is reported with the reason and the allowed folders") {
  CHECK(includes("algorithms/sdk/x.hpp", "#include \"datasets/mnist.hpp\"") ==
        "algorithms/sdk/x.hpp:2: may not include \"datasets/mnist.hpp\": the SDK is the bottom and "
        "sees "
        "no other folder (allowed: algorithms/sdk, nothing else)\n");
  CHECK(includes("sim/x.cpp", "#include \"real/grpc_driver.hpp\"").find("never see each other") !=
        std::string::npos);
  CHECK(includes("sim/mpi/x.cpp", "#include \"sim/event.hpp\"") != "");
  CHECK(includes("sim/x.cpp", "#include \"sim/mpi/channel.hpp\"")
            .find("meet in scenarios/host/places.hpp") != std::string::npos);
  CHECK(includes("sim/mpi/x.cpp", "#include <mpi.h>") != "");
  CHECK(includes("sim/mpi/mpi_channel.cpp", "#include <mpi.h>") == "");
  CHECK(includes("real/x.cpp", "#include \"scenarios/federated/cloud_role.hpp\"") != "");
  CHECK(includes("datasets/x.cpp", "#include \"scenarios/role/role.hpp\"") != "");
  CHECK(includes("algorithms/local/x.cpp", "#include \"algorithms/kernels/dense.hpp\"") != "");
  CHECK(includes("algorithms/local/x.cpp", "#include \"algorithms/mining/y.hpp\"") != "");
  CHECK(includes("scenarios/federated/x.cpp", "#include \"scenarios/joint_inference/y.hpp\"") !=
        "");
  CHECK(includes("scenarios/federated/x.cpp", "#include \"scenarios/host/executor.hpp\"") != "");
  CHECK(includes("experiments/x.cpp", "#include \"tests/catch.hpp\"") != "");
}

TEST_CASE("a downward include is not reported") {
  CHECK(includes("algorithms/local/x.cpp", "#include \"algorithms/sdk/local_loop.hpp\"") == "");
  CHECK(includes("algorithms/learners/x.cpp", "#include \"algorithms/kernels/dense.hpp\"") == "");
  CHECK(includes("scenarios/federated/x.cpp", "#include \"scenarios/federated/y.hpp\"") == "");
  CHECK(includes("scenarios/federated/x.cpp", "  #  include \"datasets/view.hpp\"") == "");
  CHECK(includes("sim/mpi/x.cpp", "#include \"sim/mpi/channel.hpp\"") == "");
  CHECK(includes("sim/mpi/x.cpp", "#include \"scenarios/host/executor.hpp\"") == "");
  CHECK(includes("sim/x.cpp", "#include \"scenarios/host/executor.hpp\"") == "");
  CHECK(includes("experiments/x.cpp", "#include \"sim/simulator.hpp\"") == "");
  CHECK(includes("tests/sim/x.cpp", "#include \"sim/event.hpp\"") == "");
}

TEST_CASE("an include that is not from the root is told its path") {
  CHECK(includes("sim/x.cpp", "#include \"event.hpp\"") ==
        "sim/x.cpp:2: include \"event.hpp\" from the root: \"sim/event.hpp\"\n");
}

TEST_CASE("a heavy or outside header is sent home") {
  CHECK(includes("algorithms/learners/mlp.cpp", "#include <torch/torch.h>") ==
        "algorithms/learners/mlp.cpp:2: may not include <torch/torch.h>: LibTorch stays in "
        "algorithms/learners/torch_*.cpp (13 s a file)\n");
  CHECK(includes("algorithms/learners/torch_net.cpp", "#include <torch/torch.h>") == "");
  CHECK(includes("sim/x.cpp", "#include <grpcpp/grpcpp.h>") != "");
  CHECK(includes("sim/x.cpp", "#include \"wire.pb.h\"") != "");
  CHECK(includes("real/x.cpp", "#include \"wire.pb.h\"") == "");
  CHECK(includes("scenarios/federated/x.cpp", "#include <nlohmann/json.hpp>") != "");
  CHECK(includes("scenarios/schema/x.cpp", "#include <nlohmann/json.hpp>") == "");
  CHECK(includes("datasets/x.cpp", "#include <hdf5.h>") != "");
  CHECK(includes("algorithms/local/x.cpp", "#include <thread>") != "");
  CHECK(includes("algorithms/local/x.cpp", "#include <fstream>") != "");
  CHECK(includes("sim/x.cpp", "#include <chrono>") != "");
  CHECK(includes("algorithms/sdk/x.hpp", "#include <Eigen/Dense>") != "");
  CHECK(includes("datasets/x.cpp", "#include <random>") != "");
}

std::string words(const std::string& path, const std::string& text) {
  return text_of(word_findings(Source(path, text)));
}

TEST_CASE("a banned word is reported with its line and its replacement") {
  CHECK(words("sim/x.cpp", "int a;\nint b = std::rand();\n") ==
        "sim/x.cpp:2: `std::rand`: draw from RandomStream (algorithms/sdk/random.hpp); keys and "
        "privacy "
        "noise live in real/keys\n");
  CHECK(words("scenarios/role/x.cpp", "auto t = std::chrono::steady_clock::now();") != "");
  CHECK(words("real/x.cpp", "auto t = std::chrono::steady_clock::now();") == "");
  CHECK(words("algorithms/kernels/x.cpp", "float y = std::exp(x);") != "");
  CHECK(words("algorithms/learners/torch_x.cpp", "float y = std::exp(x);") == "");
  CHECK(words("sim/x.cpp", "double y = std::log(x);") == "");
  CHECK(words("sim/x.hpp", "using namespace std;") != "");
  CHECK(words("sim/x.cpp", "using namespace std::literals;") == "");
  CHECK(words("sim/x.cpp", "assert(x);") != "");
  CHECK(words("sim/x.cpp", "static_assert(x);") == "");
}

TEST_CASE("comments and text do not use words, but an unfinished thought counts there too") {
  CHECK(words("sim/x.cpp", "// never std::rand\nconst char* a = \"std::rand\";\n") == "");
  CHECK(words("sim/x.cpp", "/* std::rand */ auto b = R\"(std::rand \" )\"; char c = '\"';\n") ==
        "");
  CHECK(words("sim/x.cpp", "int n = 1'000; std::rand();\n") != "");
  CHECK(words("sim/x.cpp", "// TODO: later\n") != "");
}

std::string sizes(const std::string& path, const std::string& text) {
  return text_of(size_findings(Source(path, text)));
}

std::string repeated(const std::string& line, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += line;
  return text;
}

TEST_CASE("a long function is reported at its first line, whatever braces it holds") {
  const std::string body = repeated("  if (a) { b({1, 2}); }\n", 69);
  const std::string message =
      " a function of 72 lines; at most 70: give its steps names and make them functions\n";
  CHECK(sizes("sim/x.cpp", "namespace n {\nclass C {\n void f(int a) const {\n" + body +
                               "\n}\n};\n}\n") == "sim/x.cpp:3:" + message);
  CHECK(sizes("sim/x.cpp", "C::C(int a)\n : x_{a}, y_(a) {\n" + body + "}\n") ==
        "sim/x.cpp:1:" + message);
  CHECK(sizes("sim/x.cpp", "auto f = [](int a) {\n" + body + "\n};\n") == "sim/x.cpp:1:" + message);
  CHECK(sizes("sim/x.cpp", "#define M {\nvoid f() {\n" + body + "\n}\n") ==
        "sim/x.cpp:2:" + message);
  CHECK(sizes("sim/x.cpp", "void f() {\n" + repeated("  a('{', \"{\");\n", 68) + "}\n") == "");
}

TEST_CASE("a class, a table and a namespace may be longer than a function") {
  CHECK(sizes("sim/x.cpp",
              "struct S {\n" + repeated("  int f() const { return 1; }\n", 100) + "};\n") == "");
  CHECK(sizes("sim/x.cpp", "const int t[] = {\n" + repeated("  1,\n", 100) + "};\n") == "");
  CHECK(sizes("sim/x.cpp", "namespace a {\n" + repeated("int f();\n", 100) + "}\n") == "");
}

TEST_CASE("a long file is reported, sooner where it is an algorithm") {
  const std::string text = repeated("int a;\n", 301);
  CHECK(sizes("sim/x.cpp", text) == "");
  CHECK(sizes("algorithms/local/x.cpp", text) ==
        "algorithms/local/x.cpp: 301 lines; at most 300 for an algorithm: split by concept, one a "
        "file\n");
  CHECK(sizes("sim/x.cpp", repeated("int a;\n", 601)) != "");
}

TEST_CASE("a vague name, a wrong case and a missing guard are reported") {
  CHECK(text_of(name_findings(Source("sim/string_utils.cpp", ""))) ==
        "sim/string_utils.cpp: `string_utils` says nothing: name the file after the one thing in "
        "it\n");
  CHECK(text_of(name_findings(Source("sim/EventQueue.cpp", ""))) ==
        "sim/EventQueue.cpp: files are named in snake_case\n");
  CHECK(text_of(name_findings(Source("sim/x.hpp", "int a;\n"))) ==
        "sim/x.hpp:1: a header begins with #pragma once\n");
  CHECK(text_of(name_findings(Source("sim/event_queue.hpp", "#pragma once\n"))) == "");
}

std::string plugin_faults(const std::string& text) {
  return text_of(plugin_findings(Source("algorithms/mining/x.cpp", text)));
}

TEST_CASE("a plugin without a source, a difference or exactly one registration is reported") {
  const std::string line = "SKERRY_PLUGIN(Reducer, X, \"x\", \"...\")\n";
  const std::string paper =
      "// X. [Li et al. 2020, eq. (2)]\n// Differences from the paper: none.\n";
  CHECK(plugin_faults(paper + line) == "");
  CHECK(plugin_faults("// Definition: the share of x.\n" + line) == "");
  CHECK(plugin_faults("// Our own idea.\n" + line).find("names no paper") != std::string::npos);
  CHECK(plugin_faults("// X. [Li et al. 2020]\n" + line).find("Differences from the paper") !=
        std::string::npos);
  CHECK(plugin_faults(paper + line + line) ==
        "algorithms/mining/x.cpp: 2 SKERRY_PLUGIN lines: one plugin a file\n");
  CHECK(plugin_faults(paper) ==
        "algorithms/mining/x.cpp: no SKERRY_PLUGIN line: a .cpp of a slot's folder is a plugin\n");
  CHECK(plugin_faults(paper + "// " + line).find("no SKERRY_PLUGIN line") != std::string::npos);
}

TEST_CASE("a member function of a slot that is not passed on to its plugins is reported") {
  const Source slot(
      "algorithms/sdk/x.hpp",
      "#pragma once\nclass X {\n  virtual ~X() = default;\n"
      "  virtual std::vector<int> f(int a) const = 0;\n  virtual int g() { return 1; }\n};\n");
  const std::string head = "class CheckedX final : public Checked<X> {\n";
  const std::string f = "  std::vector<int> f(int a) const override { return {}; }\n";
  const Source half("algorithms/sdk/checked_x.cpp", head + f + "};\n");
  CHECK(
      text_of(checked_findings({slot, half})) ==
      "algorithms/sdk/checked_x.cpp:1: CheckedX does not pass on X::g(): its plugins' would never "
      "be called\n");
  const Source whole("algorithms/sdk/checked_x.cpp",
                     head + f + "  int g() override { return 2; }\n};\n");
  CHECK(checked_findings({slot, whole}).empty());
}

TEST_CASE("a plugin that no test names is reported") {
  const Source known("algorithms/mining/x.cpp",
                     "SKERRY_PLUGIN(HardSampleMiner, X, \"xyz\", \"p\")\n");
  CHECK(text_of(untested_findings({known})) == "algorithms/mining/x.cpp: no test names \"xyz\"\n");
  CHECK(untested_findings({known, Source("tests/t.cpp", "plugin(\"xyz\")")}).empty());
  const Source far("scenarios/x/x.cpp",
                   "SKERRY_PLUGIN(role::ParadigmFactory, n::X,\n \"uvw\", \"p\")\n");
  CHECK(text_of(untested_findings({far})) == "scenarios/x/x.cpp: no test names \"uvw\"\n");
}

TEST_CASE(
    "an experiment without a fingerprint and a fingerprint without an experiment are reported") {
  const std::vector<Source> experiments{{"experiments/mine.json", "{\"model\": \"mlp\"}"}};
  const std::vector<Source> tests{{"tests/experiments/x.cpp", "run(\"mine\"); run(\"other\");"}};
  const auto faults = [&](const std::string& table) {
    return text_of(fingerprint_findings(experiments, table, tests));
  };
  CHECK(faults("# name data\nmine 12 34 56\n") == "");
  CHECK(faults("# mine\n").starts_with("experiments/mine.json: has no fingerprint: run it in "));
  CHECK(faults("mine 12 34 56\nother 12 34 56\n") ==
        "tests/experiments/fingerprints.txt:2: there is no experiments/other.json\n");
  CHECK(text_of(fingerprint_findings(experiments, "mine 12 34 56\n", {})) ==
        "tests/experiments/fingerprints.txt:1: no test of tests/experiments runs \"mine\"\n");
  const Source torch("experiments/net.json", "{\"model\": {\"name\": \"torch_cnn\"}}");
  CHECK(fingerprint_findings({torch}, "", tests).empty());
}

}  // namespace
}  // namespace skerry::tidy
