#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "experiments/templates.hpp"

namespace skerry::experiments {

/// `text` for something new called `name`: {{name}} becomes `my_rule`, {{class}} becomes `MyRule`.
std::string filled(std::string_view text, const std::string& name);
/// The template of that name, filled in. A missing template is a bug and stops the program.
std::string filled_template(std::string_view template_name, const std::string& name);

/// The slots that `skerry new plugin` offers, sorted, as its command line spells them
/// ("local_method"): those with a template, and those with a plugin in algorithms/ to copy.
std::vector<std::string> offered_slots();

/// The source of a new plugin, which compiles unchanged: the slot's template or, if it has none, a
/// copy of its shortest plugin.
/// @param slot  one of offered_slots().
std::string new_plugin_text(const std::string& slot, const std::string& name);

/// A copy of one of our plugins under another name. Its class and its registered name change. Its
/// comments still describe the original, and a new first line says so.
std::string copied_plugin(const Template& plugin, const std::string& name);

}  // namespace skerry::experiments
