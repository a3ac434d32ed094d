#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "experiments/templates.hpp"

namespace skerry::experiments {

/// A text for a new thing called `name`: {{name}} becomes `my_rule`, {{class}} becomes `MyRule`.
std::string filled(std::string_view text, const std::string& name);
/// The template of that name, filled in. A template that is not there is a bug and stops the
/// program.
std::string filled_template(std::string_view template_name, const std::string& name);

/// The slots that `skerry new plugin` offers, sorted, as its command line spells them:
/// "local_method". These are the slots of algorithms/.
std::vector<std::string> offered_slots();

/// The first text of a new plugin of an offered slot, which compiles as it is: the slot's template
/// or, where it has none, a copy of its shortest plugin.
std::string new_plugin_text(const std::string& slot, const std::string& name);

/// A plugin of the tree under another name. Its class and the name it registers change; its
/// comments still speak of the original, as the first line then says.
std::string copied_plugin(const Template& plugin, const std::string& name);

}  // namespace skerry::experiments
