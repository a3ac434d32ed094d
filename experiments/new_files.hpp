#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skerry::experiments {

/// The template of that name, filled in for a new thing called `name`: {{name}} becomes `my_rule`,
/// {{class}} becomes `MyRule`. A template that is not there is a bug and stops the program.
std::string filled_template(std::string_view template_name, const std::string& name);

}  // namespace skerry::experiments
