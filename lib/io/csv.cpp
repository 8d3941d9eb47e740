#include "io/csv.h"

#include <cmath>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "base/contract.h"

namespace least_action {
namespace {

constexpr const char* kWhere = "Dataset CSV";

std::string number(double value) { return std::isnan(value) ? "nan" : to_text(value); }

// q1,…,qn,p1,…,pn,dq1,…,dpn (p: v in the velocity chart), each with a comma before it.
std::string component_names(Chart chart, Index n) {
  const std::string second = chart == Chart::kCanonical ? "p" : "v";
  std::string names;
  for (const std::string prefix : {"", "d"}) {
    for (const std::string& letter : {std::string("q"), second}) {
      for (Index i = 1; i <= n; ++i) names += "," + prefix + letter + std::to_string(i);
    }
  }
  return names;
}

std::string header(Chart chart, Index n) {
  return "part,trajectory,t" + component_names(chart, n);
}

void append_part(const char* part, const std::vector<Trajectory>& trajectories,
                 std::string& out) {
  for (std::size_t i = 0; i < trajectories.size(); ++i) {
    const Trajectory& trajectory = trajectories[i];
    for (Index k = 0; k < trajectory.times.size(); ++k) {
      out += part;
      out += "," + std::to_string(i) + "," + number(trajectory.times[k]);
      for (const Matrix* values : {&trajectory.states, &trajectory.derivatives}) {
        for (Index c = 0; c < values->rows(); ++c) {
          const double value = (*values)(c, k);
          out += "," + (std::isnan(value) ? std::string() : number(value));
        }
      }
      out += "\n";
    }
  }
}

[[noreturn]] void refuse(Index line, const std::string& what) {
  fail(kWhere, "line " + std::to_string(line) + ": " + what);
}

// The lines of a text with their numbers, without line ends, byte-order mark and empty lines.
class Lines final {
 public:
  explicit Lines(std::string_view text) : rest_(text) {
    if (rest_.substr(0, 3) == "\xef\xbb\xbf") rest_.remove_prefix(3);
  }
  std::optional<std::string_view> next() {
    while (!rest_.empty()) {
      const std::size_t end = rest_.find('\n');
      std::string_view line = rest_.substr(0, end);
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
      ++number_;
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      if (!line.empty()) return line;
    }
    return std::nullopt;
  }
  Index number() const { return number_; }

 private:
  std::string_view rest_;
  Index number_ = 0;
};

void split(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  for (;;) {
    const std::size_t comma = line.find(',');
    fields.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return;
    line.remove_prefix(comma + 1);
  }
}

// Chart and degrees of freedom, or a refusal that shows what was expected.
std::pair<Chart, Index> read_header(std::string_view line, Index line_number) {
  std::vector<std::string_view> fields;
  split(line, fields);
  if (fields.size() < 7 || (fields.size() - 3) % 4 != 0) {
    refuse(line_number, "the header has " + std::to_string(fields.size()) +
                            " columns; expected 3 + 4n for n degrees of freedom, such as " +
                            header(Chart::kCanonical, 1));
  }
  const auto n = static_cast<Index>((fields.size() - 3) / 4);
  for (const Chart chart : {Chart::kCanonical, Chart::kVelocity}) {
    if (line == header(chart, n)) return {chart, n};
  }
  refuse(line_number, "the header is not " + header(Chart::kCanonical, n) + " or " +
                          header(Chart::kVelocity, n));
}

double read_number(std::string_view field, std::string_view column, Index line) {
  double value = 0;
  if (parse_number(field, value) && std::isfinite(value)) return value;
  refuse(line, std::string(column) + " is \"" + std::string(field) +
                   "\"; it must be a finite number");
}

// A component, or NaN where the field is empty: it was not observed.
double read_component(std::string_view field, std::string_view column, Index line) {
  if (field.empty()) return std::numeric_limits<double>::quiet_NaN();
  double value = 0;
  if (parse_number(field, value) && std::isfinite(value)) return value;
  refuse(line, std::string(column) + " is \"" + std::string(field) +
                   "\"; it must be a finite number, or empty where it was not observed");
}

// The samples of one trajectory until it is complete.
struct Samples {
  std::vector<double> times, values;  // values: 4n for each time

  Trajectory trajectory(Index dimension) const {
    const auto points = static_cast<Index>(times.size());
    const Eigen::Map<const Matrix> table(values.data(), 2 * dimension, points);
    return {Eigen::Map<const Vector>(times.data(), points), table.topRows(dimension),
            table.bottomRows(dimension)};
  }
};

}  // namespace

std::string write_dataset_csv(const Dataset& dataset) {
  std::string out = header(dataset.chart, dataset.degrees_of_freedom) + "\n";
  append_part("train", dataset.train, out);
  append_part("test", dataset.test, out);
  return out;
}

Dataset read_dataset_csv(std::string_view text) {
  Lines lines(text);
  const auto first = lines.next();
  if (!first) fail(kWhere, "it is empty; expected a header and samples");
  Dataset dataset;
  std::tie(dataset.chart, dataset.degrees_of_freedom) = read_header(*first, lines.number());
  const Index dimension = dataset.dimension();
  std::vector<std::string_view> names, fields;
  split(*first, names);

  std::vector<Trajectory>* part = nullptr;
  Samples samples;
  const auto complete = [&] {
    if (part != nullptr) part->push_back(samples.trajectory(dimension));
    samples = {};
  };
  while (const auto line = lines.next()) {
    const Index number = lines.number();
    split(*line, fields);
    if (fields.size() != names.size()) {
      refuse(number, "it has " + std::to_string(fields.size()) +
                         " columns, but the header has " + std::to_string(names.size()));
    }
    if (fields[0] != "train" && fields[0] != "test") {
      refuse(number, "part is \"" + std::string(fields[0]) + "\"; it must be train or test");
    }
    std::vector<Trajectory>* line_part = fields[0] == "train" ? &dataset.train : &dataset.test;
    const double index = read_number(fields[1], names[1], number);
    const bool continues = line_part == part && index == static_cast<double>(part->size());
    if (!continues) {
      complete();
      part = line_part;
      if (index != static_cast<double>(part->size())) {
        refuse(number, "trajectory is " + std::string(fields[1]) + "; expected " +
                           std::to_string(part->size()) + ", the next of the part " +
                           std::string(fields[0]) +
                           " (the samples of a trajectory stand together)");
      }
    }
    const double t = read_number(fields[2], names[2], number);
    if (!samples.times.empty() && t <= samples.times.back()) {
      refuse(number, "t is " + to_text(t) + ", not after the " + to_text(samples.times.back()) +
                         " before it");
    }
    samples.times.push_back(t);
    for (std::size_t i = 3; i < fields.size(); ++i) {
      samples.values.push_back(read_component(fields[i], names[i], number));
    }
  }
  complete();
  return dataset;
}

std::string write_history_csv(const std::vector<NamedHistory>& histories) {
  std::string out = "model,step,train_loss,test_loss,learning_rate\n";
  for (const NamedHistory& model : histories) {
    std::string name = model.name;
    if (name.find_first_of(",\"\r\n") != std::string::npos) {
      for (std::size_t i = 0; (i = name.find('"', i)) != std::string::npos; i += 2) {
        name.insert(i, 1, '"');
      }
      name = '"' + name + '"';
    }
    for (const HistoryEntry& entry : model.history) {
      out += name + "," + std::to_string(entry.step) + "," + number(entry.train_loss) + "," +
             number(entry.test_loss) + "," + number(entry.learning_rate) + "\n";
    }
  }
  return out;
}

}  // namespace least_action
