#include "experiments/models/model_words.hpp"

#include "experiments/models/model_diff.hpp"
#include "scenarios/schema/json.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/models/made_up_models.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"

namespace skerry::experiments {

namespace {

/// What people see of the made-up registry.
struct Shown {
  ScratchDirectory scratch;
  StoredModels models;
  Shown() {
    auto store = ModelStore::open(scratch / "models");
    REQUIRE(store.message() == "");
    REQUIRE(store->replace(made_up_registry().catalogue()));
    models = std::move(*read_models(scratch / "models"));
  }
};

}  // namespace

TEST_CASE("a table lists the models of a run") {
  const Shown shown;
  CHECK(models_text(shown.models) ==
        "model  tags       made  from  samples  metrics       answers  serves\n"
        "1      retired    1 s   –     100      accuracy 0.6  70       –\n"
        "2      deployed   2 s   1     200      accuracy 0.7  0        edge-0, edge-1\n"
        "3      candidate  3 s   2     300      accuracy 0.8  0        –\n");
  const ConfigNode node = models_node(shown.models);
  REQUIRE(node.as_array()->size() == 3);
  const ConfigNode& second = (*node.as_array())[1];
  CHECK(*second.find("version")->as_integer() == 2);
  CHECK(*second.find("sha256")->as_string() == shown.models.parameters.at(2));
  CHECK(second.find("serving")->as_array()->size() == 2);
  CHECK(schema::parse_json(schema::write_json(node)).value() == node);
}

TEST_CASE("a model is shown with what it came from and what it led to") {
  const Shown shown;
  const std::string text = model_text(shown.models, 2);
  const std::string file = shown.models.file_of(2).string();
  CHECK_THAT(text, Catch::StartsWith("model 2\n"));
  for (const std::string line :
       {"  tags        deployed\n", "  trained on  labelled examples\n",
        "  data        0000000000000033\n", "  hash        00000000000003ea (native-1)\n",
        "  came from   1\n", "  led to      3\n",
        "  serves on   edge-1 since 20 s, before it model 1\n"}) {
    CHECK_THAT(text, Catch::Contains(line));
  }
  CHECK_THAT(text, Catch::Contains("  parameters  " + file + "\n"));
  const ConfigNode node = model_node(shown.models, 2);
  CHECK(node.find("came_from")->text() == "[1]");
  CHECK(node.find("led_to")->text() == "[3]");
}

TEST_CASE("a model is named by the beginning of its SHA-256, too") {
  const Shown shown;
  CHECK(*shown.models.named(shown.models.parameters.at(3).substr(0, 8)) == 3);
  CHECK(*shown.models.named("deployed") == 2);
  CHECK_THAT(shown.models.named("9").message(), Catch::StartsWith("no model \"9\""));
}

TEST_CASE("two models differ in metrics, data and parameters") {
  const Shown shown;
  const auto diff = difference(shown.models, 1, 3);
  REQUIRE(diff.message() == "");
  REQUIRE(diff->tensors.size() == 2);
  CHECK(diff->tensors[1].name == "fc.weight");  // six numbers, 1 against 3
  CHECK(diff->tensors[1].distance == Approx(std::sqrt(6 * 4.0)));
  CHECK(diff->tensors[1].norm == Approx(std::sqrt(6.0)));
  CHECK(diff->tensors[1].largest == 2);
  CHECK(diff_text(*diff) ==
        "            model 1            model 3            difference\n"
        "accuracy    0.6                0.8                +0.2\n"
        "trained on  labelled examples  labelled examples  none\n"
        "data        0000000000000032   0000000000000033   differs\n"
        "samples     100                300                +200\n"
        "answers     70                 0                  -70\n"
        "\n"
        "parameters  shape   distance  relative  largest\n"
        "fc.bias     [2]     2.828     2         2\n"
        "fc.weight   [2, 3]  4.899     2         2\n"
        "all         –       5.657     2         2\n");
  CHECK(diff_node(*diff).find("parameters")->as_array()->size() == 2);
}

TEST_CASE("models without parameters are compared by the rest") {
  Shown shown;
  shown.models.parameters.erase(3);
  const auto diff = difference(shown.models, 1, 3);
  REQUIRE(diff.message() == "");
  CHECK_THAT(diff_text(*diff), Catch::EndsWith("\nthe parameters of model 3 are not kept\n"));
}

TEST_CASE("parameters that are removed while a comparison begins are not kept") {
  const Shown shown;
  std::filesystem::remove(shown.models.file_of(3));
  const auto diff = difference(shown.models, 1, 3);
  REQUIRE(diff.message() == "");
  CHECK(diff->without_parameters == "the parameters of model 3 are not kept");
  std::ofstream(shown.models.file_of(1)) << "something else";
  CHECK_FALSE(difference(shown.models, 1, 2));  // that is damage
}

TEST_CASE("a list says which models were trained on which data") {
  const Shown shown;
  CHECK(data_text(shown.models) ==
        "data              samples  what               models\n"
        "0000000000000032  100      labelled examples  1\n"
        "0000000000000033  200      labelled examples  2\n"
        "0000000000000033  300      labelled examples  3\n");
  CHECK(data_node(shown.models).as_array()->size() == 3);
}

}  // namespace skerry::experiments
