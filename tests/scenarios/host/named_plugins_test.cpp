#include "scenarios/host/plugin_file.hpp"
#include "tests/catch.hpp"

namespace skerry::host {
namespace {

// No plugin file lies beside this program, so none is found.

TEST_CASE("a scenario that names no LibTorch model loads nothing") {
  Registry registry;
  const ConfigNode document = ConfigNode::Object{
      {"model", "cnn"}, {"name", "torches"}, {"data", ConfigNode::Object{{"path", "torch_cnn"}}}};
  const auto loaded = load_named_plugins(document, registry);
  REQUIRE(loaded.ok());
  CHECK(loaded->empty());
}

TEST_CASE("a LibTorch model that was not built is said so where it stands") {
  Registry registry;
  const auto message = [&](const ConfigNode& document) {
    const auto loaded = load_named_plugins(document, registry);
    REQUIRE_FALSE(loaded.ok());
    return loaded.message();
  };
  const std::string text = message(ConfigNode::Object{{"model", "torch_cnn"}});
  CAPTURE(text);
  CHECK(
      text.starts_with("/model: \"torch_cnn\" is a LibTorch learner, and they were not built with "
                       "this program: there is neither /"));
  CHECK(text.ends_with("/lib/skerry/skerry-torch.so"));
  const ConfigNode model = ConfigNode::Object{{"name", "torch_script"}, {"file", "net.pt"}};
  CHECK(message(ConfigNode::Object{{"edge_model", ConfigNode::Object{{"model", model}}}})
            .starts_with("/edge_model/model/name: \"torch_script\" is"));
  CHECK(message(ConfigNode::Object{{"stages", ConfigNode::Array{1, model}}})
            .starts_with("/stages/1/name: \"torch_script\" is"));
}

}  // namespace
}  // namespace skerry::host
