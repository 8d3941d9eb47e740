#include "workspace_switch.h"

#include <algorithm>

namespace least_action {
namespace {

constexpr std::string_view kKey = "workspace=";
constexpr std::size_t kLongestName = 40;  // of an unknown one, in a message

}  // namespace

WorkspaceSwitch::WorkspaceSwitch(const std::vector<WorkspaceEntry>& entries)
    : entries_(&entries), made_(entries.size()) {}

void WorkspaceSwitch::show(std::size_t index) {
  if (index >= entries_->size() || index == index_) return;
  const WorkspaceEntry& wanted = (*entries_)[index];
  if (wanted.make != nullptr && !made_[index]) made_[index] = wanted.make();
  index_ = index;
}

WorkspaceLink read_workspace_link(std::string_view query,
                                  const std::vector<WorkspaceEntry>& entries) {
  WorkspaceLink link;
  if (!query.empty() && (query[0] == '#' || query[0] == '?')) query.remove_prefix(1);
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (part.substr(0, kKey.size()) != kKey) {
      if (!link.query.empty()) link.query += '&';
      link.query += part;
      continue;
    }
    const std::string_view name = part.substr(kKey.size());
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const WorkspaceEntry& e) { return e.name == name; });
    if (found != entries.end()) {
      link.index = static_cast<std::size_t>(found - entries.begin());
      continue;
    }
    link.fault = "No workspace is called \"" + std::string(name.substr(0, kLongestName)) +
                 "\"; there are";
    for (const WorkspaceEntry& entry : entries) {
      link.fault += &entry == &entries.front()  ? " "
                    : &entry == &entries.back() ? " and "
                                                : ", ";
      link.fault += entry.name;
    }
    link.fault += ".";
  }
  return link;
}

std::string workspace_link(const WorkspaceEntry& entry, std::string_view query) {
  if (entry.make == nullptr) return std::string(query);
  std::string link = std::string(kKey) + entry.name;
  if (!query.empty()) link += '&' + std::string(query);
  return link;
}

}  // namespace least_action
