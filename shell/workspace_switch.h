#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "workspace.h"

namespace least_action {

/// Which workspace is shown, and those that were: each is made when it is first shown.
class WorkspaceSwitch final {
 public:
  /// `entries` must outlive this; the first is the app's own and has no Workspace.
  explicit WorkspaceSwitch(const std::vector<WorkspaceEntry>& entries);

  const std::vector<WorkspaceEntry>& entries() const { return *entries_; }
  std::size_t index() const { return index_; }
  const WorkspaceEntry& entry() const { return (*entries_)[index_]; }
  /// The one on show; null while that is the app's own.
  Workspace* shown() const { return made_[index_].get(); }
  /// Whether it has been shown before (the app's own always has).
  bool has_made(std::size_t index) const {
    return (*entries_)[index].make == nullptr || made_[index] != nullptr;
  }
  /// Makes it where need be; throws what its maker throws, and then shows what it showed.
  void show(std::size_t index);

 private:
  const std::vector<WorkspaceEntry>* entries_;
  std::vector<std::unique_ptr<Workspace>> made_;
  std::size_t index_ = 0;
};

/// A link's text, cut in the name of its workspace and the rest: "workspace=flow&density=moons"
/// gives 1 (where that is flow) and "density=moons"; a link without a name is the first's.
/// `fault` says where a name is not known; that link, too, is the first's.
struct WorkspaceLink {
  std::size_t index = 0;
  std::string query, fault;
};
WorkspaceLink read_workspace_link(std::string_view query,
                                  const std::vector<WorkspaceEntry>& entries);
std::string workspace_link(const WorkspaceEntry& entry, std::string_view query);

}  // namespace least_action
