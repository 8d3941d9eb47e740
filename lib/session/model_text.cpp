#include <cmath>

#include "base/contract.h"
#include "session/settings_table.h"

namespace least_action {
namespace {

bool read_count(std::string_view text, Index maximum, Index& value) {
  double number = 0;
  if (!parse_number(text, number)) return false;
  if (!(number >= 1 && number <= static_cast<double>(maximum))) return false;
  if (number != std::floor(number)) return false;
  value = static_cast<Index>(number);
  return true;
}

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const ModelTraits& kind : model_kinds()) names.emplace_back(kind.name);
  return names;
}

std::vector<std::string> activation_names() {
  std::vector<std::string> names;
  for (const Activation activation : kActivations) names.emplace_back(name(activation));
  return names;
}

bool contains(const std::vector<std::string>& names, std::string_view text) {
  for (const std::string& known : names)
    if (known == text) return true;
  return false;
}

std::string read_model(std::string_view text, ModelConfig& model) {
  const std::vector<std::string_view> parts = split(text, ':');
  if (parts.size() > 4) {
    return "A model is written kind:widths:activation, not " + quoted(text) + ".";
  }
  const std::vector<std::string> kinds = kind_names();
  if (!contains(kinds, parts[0])) {
    return "No model is called " + quoted(parts[0]) + "." + did_you_mean(parts[0], kinds);
  }
  ModelConfig result;
  result.kind = model_kind_named(parts[0]);
  if (parts.size() > 1) {
    result.hidden.clear();
    for (const std::string_view width : split(parts[1], ',')) {
      Index units = 0;
      if (!read_count(width, kMaxWidth, units)) {
        return "A layer's width must be a whole number from 1 to " + std::to_string(kMaxWidth) +
               ", not " + quoted(width) + ".";
      }
      result.hidden.push_back(units);
    }
    if (static_cast<Index>(result.hidden.size()) > kMaxHiddenLayers) {
      return "A model has at most " + std::to_string(kMaxHiddenLayers) +
             " hidden layers, not " + std::to_string(result.hidden.size()) + ".";
    }
  }
  if (parts.size() > 2) {
    const std::vector<std::string> activations = activation_names();
    if (!contains(activations, parts[2])) {
      return "No activation is called " + quoted(parts[2]) + "." +
             did_you_mean(parts[2], activations);
    }
    result.activation = activation_named(parts[2]);
  }
  if (parts.size() > 3) {
    if (result.kind != ModelKind::kResidual) {
      return "Only a residual network has blocks, not " + quoted(parts[0]) + ".";
    }
    if (!read_count(parts[3], kMaxBlocks, result.blocks)) {
      return "A residual network has 1 to " + std::to_string(kMaxBlocks) + " blocks, not " +
             quoted(parts[3]) + ".";
    }
  }
  model = result;
  return {};
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t end = text.find(separator, begin);
    if (end == std::string_view::npos) break;
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  if (text.size() <= kLongest) return "\"" + std::string(text) + "\"";
  std::size_t cut = kLongest;
  // Not inside a UTF-8 character.
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return "\"" + std::string(text.substr(0, cut)) + "…\"";
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  // The edit distance is quadratic, and no known name is this long.
  if (name.size() > 60) return {};
  const std::string near = nearest_name(name, known.data(), known.size());
  return near.empty() ? std::string() : " Did you mean \"" + near + "\"?";
}

std::string models_text(const std::vector<ModelConfig>& models) {
  std::string text;
  for (const ModelConfig& model : models) {
    if (!text.empty()) text += '+';
    text += traits(model.kind).name;
    text += ':';
    for (std::size_t i = 0; i < model.hidden.size(); ++i) {
      if (i > 0) text += ',';
      text += std::to_string(model.hidden[i]);
    }
    text += ':';
    text += name(model.activation);
    if (model.kind == ModelKind::kResidual && model.blocks != 1) {
      text += ':' + std::to_string(model.blocks);
    }
  }
  return text;
}

std::string read_models(std::string_view text, std::vector<ModelConfig>& models) {
  // Form decoding, which some programs apply to links, turns '+' into a space.
  std::string plain(text);
  for (char& c : plain) c = c == ' ' ? '+' : c;
  std::vector<ModelConfig> result;
  for (const std::string_view part : split(plain, '+')) {
    if (static_cast<Index>(result.size()) == kMaxModels) {
      return "At most " + std::to_string(kMaxModels) + " models are trained side by side.";
    }
    ModelConfig model;
    std::string fault = read_model(part, model);
    if (!fault.empty()) return fault;
    result.push_back(std::move(model));
  }
  models = std::move(result);
  return {};
}

std::string link_number(double value) {
  std::string text = to_text(value);
  const std::size_t plus = text.find('+');
  if (plus != std::string::npos) text.erase(plus, 1);
  return text;
}

bool read_numbers(std::string_view text, std::vector<double>& values) {
  std::vector<double> result;
  for (const std::string_view part : split(text, ',')) {
    double value = 0;
    if (!parse_number(part, value) || !std::isfinite(value)) return false;
    result.push_back(value);
  }
  values = std::move(result);
  return true;
}

}  // namespace least_action
