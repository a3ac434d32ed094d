#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/parts/channel.hpp"
#include "scenarios/parts/evaluation.hpp"
#include "scenarios/parts/rounds_config.hpp"
#include "scenarios/parts/server_config.hpp"
#include "scenarios/parts/stop_rule.hpp"
#include "scenarios/parts/training.hpp"
#include "scenarios/parts/update_path.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::parts {

/// The keys of a scenario that say how one model is trained by many nodes.
struct FederationConfig {
  LocalConfig local;
  ServerConfig server;
  UpdateConfig update;
  SelectConfig select;
  RoundsConfig rounds;
  StopConfig stop;
  EvaluateConfig evaluate;

  template <class V>
  void fields(V& v) {
    v("local", local, {.meaning = "training on an edge", .required = true});
    v("server", server, {.meaning = "aggregation on the cloud", .required = true});
    v("update", update, {.meaning = "what happens to updates and models on the wire"});
    v("select", select, {.meaning = "who takes part"});
    v("rounds", rounds, {.meaning = "how rounds go"});
    v("stop", stop, {.meaning = "when the run is over", .required = true});
    v("evaluate", evaluate, {.meaning = "what is measured, and when"});
  }
};

/// Reports problems of these keys that show without a model: plugins that do not fit each other or
/// the number of edges, a stop rule that can never be met. Pointers are those of the scenario.
void check_federation(const FederationConfig& config, const role::Outline& outline,
                      Problems& problems);
/// Reports terms that cannot work on data of that schema. check_federation() does so as well if the
/// outline knows the schema.
void check_data(const FederationConfig& config, const Registry& registry, const DataSchema& schema,
                Problems& problems);
/// Reports problems that a simulated world brings: a run that could wait for ever.
void check_hazards(const FederationConfig& config, const role::Hazards& hazards,
                   Problems& problems);

/// What the user should know of these keys before a run: what they ask for in vain. One sentence
/// each, with a JSON pointer.
std::vector<std::string> remarks_of(const FederationConfig& config, const Registry& registry,
                                    std::uint32_t edges);

/// What the rounds record, and how it is shown.
role::Results federation_results(const FederationConfig& config);

/// What the machines of rounds on the cloud and the trainees on edges have in common: the plugins
/// and the kinds of job of one model that many nodes train. Immutable. Outlives them and the kinds.
class Federation {
 public:
  /// Adds its kinds of job to `kinds`. The learner, the data and the registry outlive it.
  /// @param channel  of the messages between its rounds and its trainees.
  /// @param origin   of the first model of a task that brings none.
  Federation(const FederationConfig& config, const role::ParadigmContext& context,
             const Learner& learner, Channel channel, role::JobKinds& kinds,
             UpdatePath::Origin origin = {});
  Federation(const Federation&) = delete;
  Federation& operator=(const Federation&) = delete;

  /// Numbers of its kinds of job.
  struct Kinds {
    std::uint16_t initialise, train, train_for_ask, end_experience, encode, decode, accumulate,
        finish, evaluate, evaluate_on_edge, encode_down, decode_down;
  };

  const FederationConfig& config() const { return config_; }
  const Kinds& kinds() const { return kinds_; }
  const Channel& channel() const { return channel_; }
  const Training& training() const { return training_; }
  const UpdatePath& path() const { return path_; }
  const datasets::NodeData& data() const { return data_; }
  const role::RunSeeds& seeds() const { return seeds_; }
  std::uint32_t edges() const { return edges_; }
  /// What `local.schedule` multiplies the learning rate of a training by.
  /// @param round  as TrainOrder has it, from 1.
  float rate_scale(Round round) const;
  std::unique_ptr<Selector> make_selector() const {
    return registry_.make(config_.select.selector);
  }
  std::vector<std::string> remarks() const { return remarks_of(config_, registry_, edges_); }
  /// The fewest updates that a round needs to change the model.
  std::uint32_t minimum() const { return path_.minimum(config_.rounds.minimum); }
  /// Whether edges keep anything between rounds, so that they must know what became of an update.
  bool keeps_state() const { return keeps_state_; }

 private:
  FederationConfig config_;
  const Registry& registry_;
  const datasets::NodeData& data_;
  role::RunSeeds seeds_;
  std::uint32_t edges_;
  Channel channel_;
  Training training_;
  Evaluator evaluator_;
  UpdatePath path_;
  bool keeps_state_;
  Kinds kinds_;
};

}  // namespace skerry::parts
