#include "scenarios/role/paradigm.hpp"

#include "algorithms/sdk/checked.hpp"

namespace skerry::role {

namespace {

class CheckedFactory final : public Checked<ParadigmFactory> {
 public:
  using Checked::Checked;

  void check(const Outline& outline, Problems& problems) const override {
    named("check()", [&] { plugin().check(outline, problems); });
  }
  void check_world(const Hazards& hazards, Problems& problems) const override {
    named("check_world()", [&] { plugin().check_world(hazards, problems); });
  }
  std::unique_ptr<Paradigm> build(const ParadigmContext& context,
                                  Problems& problems) const override {
    return named("build()", [&] {
      auto paradigm = plugin().build(context, problems);
      if (paradigm == nullptr && problems.empty()) {
        refuse("it returns no paradigm, and says no problem");
      }
      return paradigm;
    });
  }
  Results results() const override {
    return named("results()", [&] { return plugin().results(); });
  }
  bool may_go_on() const override {
    return named("may_go_on()", [&] { return plugin().may_go_on(); });
  }
  void leave_out_for_edges(ConfigNode& node) const override {
    named("leave_out_for_edges()", [&] { plugin().leave_out_for_edges(node); });
  }
};

}  // namespace

std::unique_ptr<ParadigmFactory> checked(std::unique_ptr<ParadigmFactory> plugin,
                                         const PluginEntry& entry) {
  return std::make_unique<CheckedFactory>(std::move(plugin), entry);
}

}  // namespace skerry::role
