#include "plots/contours.h"

#include <algorithm>
#include <cmath>

namespace least_action {
namespace {

/// One row or column of `count` nodes, `stride` apart, to (count − 1)·factor + 1 nodes.
void refine_line(const float* from, std::size_t stride, Index count, Index factor, float* to,
                 std::size_t to_stride) {
  const auto node = [&](Index i) { return from[static_cast<std::size_t>(i) * stride]; };
  for (Index i = 0; i + 1 < count; ++i) {
    const Index first = std::clamp<Index>(i - 1, 0, count - 4);
    const float a = node(first), b = node(first + 1), c = node(first + 2), d = node(first + 3);
    const bool smooth =
        std::isfinite(a) && std::isfinite(b) && std::isfinite(c) && std::isfinite(d);
    for (Index k = 0; k < factor; ++k, to += to_stride) {
      const float s = static_cast<float>(k) / static_cast<float>(factor);
      if (k == 0) {
        *to = node(i);
      } else if (!smooth) {
        *to = (1 - s) * node(i) + s * node(i + 1);
      } else {  // Lagrange, with the nodes at 0, 1, 2, 3
        const float u = s + static_cast<float>(i - first);
        *to = -a * (u - 1) * (u - 2) * (u - 3) / 6 + b * u * (u - 2) * (u - 3) / 2 -
              c * u * (u - 1) * (u - 3) / 2 + d * u * (u - 1) * (u - 2) / 6;
      }
    }
  }
  *to = node(count - 1);
}

}  // namespace

void refine(const PlaneGrid& grid, const std::vector<float>& values, Index factor,
            PlaneGrid& fine_grid, std::vector<float>& fine_values,
            std::vector<float>& scratch) {
  const auto nodes = static_cast<std::size_t>(grid.columns * grid.rows);
  fine_grid = grid;
  if (grid.columns < 4 || grid.rows < 4 || factor < 2 || values.size() != nodes) {
    fine_values = values;
    return;
  }
  fine_grid.columns = (grid.columns - 1) * factor + 1;
  fine_grid.rows = (grid.rows - 1) * factor + 1;
  const auto columns = static_cast<std::size_t>(fine_grid.columns);
  scratch.resize(columns * static_cast<std::size_t>(grid.rows));
  for (Index row = 0; row < grid.rows; ++row) {
    refine_line(values.data() + row * grid.columns, 1, grid.columns, factor,
                scratch.data() + static_cast<std::size_t>(row) * columns, 1);
  }
  fine_values.resize(columns * static_cast<std::size_t>(fine_grid.rows));
  for (std::size_t column = 0; column < columns; ++column) {
    refine_line(scratch.data() + column, columns, grid.rows, factor,
                fine_values.data() + column, columns);
  }
}

// Every grid edge that a level set crosses is a node of a graph: edge 2i runs from node i to
// the right, edge 2i + 1 from node i upwards. Each cell connects the edges it is crossed
// through, so an edge has at most two links and the graph is a set of paths and loops.
void ContourTracer::connect(int a, int b) {
  for (const auto& [from, to] : {std::pair{a, b}, std::pair{b, a}}) {
    Link& link = links_[static_cast<std::size_t>(from)];
    if (link.next[0] < 0) touched_.push_back(from);
    link.next[link.next[0] < 0 ? 0 : 1] = to;
  }
}

void ContourTracer::trace(const PlaneGrid& grid, const std::vector<float>& values, double level,
                          Polylines& curves) {
  const Index columns = grid.columns, rows = grid.rows;
  const auto nodes = static_cast<std::size_t>(columns * rows);
  if (columns < 2 || rows < 2 || values.size() != nodes || !std::isfinite(level)) return;
  links_.assign(2 * nodes, Link{});
  touched_.clear();
  const auto value = [&](std::size_t node) {
    return static_cast<double>(values[node]) - level;
  };

  for (Index row = 0; row + 1 < rows; ++row) {
    for (Index column = 0; column + 1 < columns; ++column) {
      const std::size_t i = grid.index(column, row);
      const std::size_t corner[4] = {i, i + 1, i + 1 + static_cast<std::size_t>(columns),
                                     i + static_cast<std::size_t>(columns)};
      unsigned above = 0;
      double mean = 0;
      for (unsigned k = 0; k < 4; ++k) {
        const double v = value(corner[k]);
        mean += 0.25 * v;
        if (v > 0) above |= 1u << k;
      }
      if (!std::isfinite(mean) || above == 0 || above == 15) continue;
      const int bottom = static_cast<int>(2 * corner[0]), left = bottom + 1;
      const int right = static_cast<int>(2 * corner[1]) + 1;
      const int top = static_cast<int>(2 * corner[3]);
      switch (above) {
        case 1:
        case 14:
          connect(left, bottom);
          break;
        case 2:
        case 13:
          connect(bottom, right);
          break;
        case 4:
        case 11:
          connect(right, top);
          break;
        case 8:
        case 7:
          connect(top, left);
          break;
        case 3:
        case 12:
          connect(left, right);
          break;
        case 6:
        case 9:
          connect(bottom, top);
          break;
        default:
          // Two opposite corners above: joined through the middle if that is above too.
          if ((above == 5) == (mean > 0)) {
            connect(bottom, right);
            connect(top, left);
          } else {
            connect(left, bottom);
            connect(right, top);
          }
      }
    }
  }

  const auto add_crossing = [&](int edge) {
    const auto node = static_cast<std::size_t>(edge / 2);
    const bool upwards = edge % 2 == 1;
    const double a = value(node),
                 b = value(node + (upwards ? static_cast<std::size_t>(columns) : 1));
    const double s = a / (a - b);
    const double column =
        static_cast<double>(static_cast<Index>(node) % columns) + (upwards ? 0 : s);
    const double row =
        static_cast<double>(static_cast<Index>(node) / columns) + (upwards ? s : 0);
    curves.add(grid.x.lo + grid.x.span() * column / static_cast<double>(columns - 1),
               grid.y.lo + grid.y.span() * row / static_cast<double>(rows - 1));
  };
  const auto follow = [&](int start) {
    for (int edge = start; edge >= 0;) {
      Link& link = links_[static_cast<std::size_t>(edge)];
      link.visited = true;
      add_crossing(edge);
      int next = -1;
      for (const int candidate : link.next) {
        if (candidate >= 0 && !links_[static_cast<std::size_t>(candidate)].visited)
          next = candidate;
      }
      if (next < 0 && edge != start) {
        for (const int candidate : link.next) {
          // Back at the start by another way than we left it: a loop.
          if (candidate == start && links_[static_cast<std::size_t>(start)].next[1] >= 0 &&
              curves.points.size() > 2) {
            add_crossing(start);
          }
        }
      }
      edge = next;
    }
    curves.finish();
  };
  // Paths from their ends first, then what is left is loops.
  for (const int edge : touched_) {
    const Link& link = links_[static_cast<std::size_t>(edge)];
    if (!link.visited && link.next[1] < 0) follow(edge);
  }
  for (const int edge : touched_) {
    if (!links_[static_cast<std::size_t>(edge)].visited) follow(edge);
  }
}

}  // namespace least_action
