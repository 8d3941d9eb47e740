#include "base/unknown_name.h"

#include "base/contract.h"

namespace least_action {

void fail_unknown(std::string_view where, std::string_view kind, std::string_view name,
                  const std::vector<std::string>& known) {
  constexpr std::size_t kLongest = 40;
  const std::string shown(name.substr(0, kLongest));
  const std::string near =
      name.size() > kLongest ? "" : nearest_name(name, known.data(), known.size());
  std::string list;
  for (const std::string& each : known) list += (list.empty() ? "" : ", ") + each;
  fail(where, "no " + std::string(kind) + " is called \"" + shown +
                  (name.size() > kLongest ? "…\"" : "\"") +
                  (near.empty() ? "" : ", did you mean \"" + near + "\"?") +
                  "; known: " + list);
}

}  // namespace least_action
