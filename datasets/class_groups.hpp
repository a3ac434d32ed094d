#pragma once

#include <span>
#include <string>
#include <vector>

#include "datasets/stream.hpp"

namespace skerry::datasets {

/// Keys of the streams whose tasks are groups of classes.
struct ClassGroupsConfig {
  std::uint32_t classes_per_experience = 2;
  bool shuffle = true;
  Pace pace;

  template <class V>
  void fields(V& v) {
    v("classes_per_experience", classes_per_experience,
      {.meaning = "classes of an experience; what is left over makes a smaller last one",
       .min = 1});
    v("shuffle", shuffle,
      {.meaning = "group the classes in an order drawn from the seed; otherwise in their own"});
    pace.shared_field(v);
    pace.fields(v);
  }
  void check(FieldReader& reader) const { pace.check(reader); }
};

/// Classes in groups, one a task. The same for every stream of this kind under the same seed, and
/// for every node: nodes differ in the order of the groups only.
class ClassGroups {
 public:
  ClassGroups(const ClassGroupsConfig& config, const StreamRequest& request);

  std::size_t size() const { return groups_.size(); }
  const std::vector<std::uint32_t>& group(std::size_t task) const { return groups_[task]; }
  std::uint32_t task_of(std::int32_t label) const {
    return task_of_[static_cast<std::size_t>(label)];
  }
  /// Place of a class in its group, from 0.
  std::int32_t place_of(std::int32_t label) const {
    return place_of_[static_cast<std::size_t>(label)];
  }
  /// "classes 3 and 7", "class cat".
  std::vector<std::string> names(std::span<const std::string> class_names) const;

 private:
  std::vector<std::vector<std::uint32_t>> groups_;
  std::vector<std::uint32_t> task_of_;  // [classes]
  std::vector<std::int32_t> place_of_;  // [classes]
};

/// Each row comes with the group of its class.
class ClassGroupsPlan : public StreamPlan {
 public:
  ClassGroupsPlan(StreamTasks tasks, ClassGroups groups)
      : StreamPlan(std::move(tasks)), groups_(std::move(groups)) {}

  void deal(const StreamRows& rows, RowLists& lists) const override;
  const ClassGroups& groups() const { return groups_; }

 private:
  ClassGroups groups_;
};

}  // namespace skerry::datasets
