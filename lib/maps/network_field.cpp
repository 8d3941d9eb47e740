#include "maps/network_field.h"

#include "base/contract.h"
#include "maps/call_checks.h"

namespace least_action {
namespace {

template <class S>
struct NetworkTape final : VectorField<S>::Tape {
  NetworkTape(const Mlp<S>& mlp, Index samples)
      : network(mlp.make_tape(samples)), max_samples(samples) {
    if (mlp.inputs() == mlp.outputs()) return;
    input.setZero(mlp.inputs(), samples);
    input_bar.setZero(mlp.inputs(), samples);
  }
  Index capacity() const override { return max_samples; }
  std::size_t bytes() const override {
    return sizeof(*this) + map_checks::bytes_of(*network) +
           sizeof(S) * static_cast<std::size_t>(input.size() + input_bar.size());
  }

  std::unique_ptr<MlpTape<S>> network;
  Index max_samples, batch = 0;
  MatrixX<S> input, input_bar;  // (x, t), where the field depends on t
};

}  // namespace

template <class S>
NetworkField<S>::NetworkField(const Mlp<S>& network) : network_(&network) {
  const Index extra = network.inputs() - network.outputs();
  if (extra != 0 && extra != 1) {
    fail_size("NetworkField", "the network's input", network.inputs(), network.outputs(),
              "as many as outputs, or one more for the time");
  }
}

template <class S>
Eigen::Map<const VectorX<S>> NetworkField<S>::theta() const {
  if (theta_ == nullptr) fail("NetworkField", "no parameters are bound; call bind first");
  return {theta_, network_->num_parameters()};
}

template <class S>
std::unique_ptr<typename NetworkField<S>::Tape> NetworkField<S>::make_tape(
    Index capacity) const {
  return std::make_unique<NetworkTape<S>>(*network_, capacity);
}

template <class S>
void NetworkField<S>::forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
                              Tape& tape) const {
  auto& mine = map_checks::tape_of<NetworkTape<S>>("NetworkField::forward", tape);
  map_checks::check_forward("NetworkField::forward", x, x_dot, dimension(), dimension(),
                            mine.max_samples);
  mine.batch = 0;
  const Index batch = x.cols();
  if (is_autonomous()) {
    network_->forward(theta(), x, x_dot, *mine.network);
  } else {
    if (t.size() != batch) fail_size("NetworkField::forward", "t", t.size(), batch, "samples");
    auto input = mine.input.leftCols(batch);
    input.topRows(dimension()) = x;
    input.row(dimension()) = t.transpose();
    network_->forward(theta(), input, x_dot, *mine.network);
  }
  mine.batch = batch;
}

template <class S>
void NetworkField<S>::vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                          Tape& tape) const {
  auto& mine = map_checks::tape_of<NetworkTape<S>>("NetworkField::vjp", tape);
  map_checks::check_vjp("NetworkField::vjp", w, x_bar, theta_bar, dimension(), dimension(),
                        num_parameters(), mine.batch);
  if (is_autonomous()) {
    network_->pullback(theta(), w, x_bar, theta_bar, *mine.network);
    return;
  }
  auto input_bar = mine.input_bar.leftCols(mine.batch);
  network_->pullback(theta(), w, input_bar, theta_bar, *mine.network);
  if (x_bar.size() != 0) x_bar = input_bar.topRows(dimension());
}

template <class S>
void NetworkField<S>::time_vjp(ConstMatrixRefX<S> w, VectorRefX<S> t_bar, Tape& tape) const {
  auto& mine = map_checks::tape_of<NetworkTape<S>>("NetworkField::time_vjp", tape);
  map_checks::check_vjp("NetworkField::time_vjp", w, MatrixX<S>(), VectorX<S>(), dimension(),
                        dimension(), 0, mine.batch);
  if (t_bar.size() != mine.batch)
    fail_size("NetworkField::time_vjp", "t_bar", t_bar.size(), mine.batch, "samples");
  if (is_autonomous()) {
    t_bar.setZero();
    return;
  }
  VectorX<S> none;
  auto input_bar = mine.input_bar.leftCols(mine.batch);
  network_->pullback(theta(), w, input_bar, none, *mine.network);
  t_bar = input_bar.row(dimension()).transpose();
}

template <class S>
void NetworkField<S>::jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent, Tape& tape) const {
  auto& mine = map_checks::tape_of<NetworkTape<S>>("NetworkField::jvp", tape);
  map_checks::check_vjp("NetworkField::jvp", v, MatrixX<S>(), VectorX<S>(), dimension(),
                        dimension(), 0, mine.batch);
  if (is_autonomous()) {
    network_->pushforward(theta(), v, x_dot_tangent, *mine.network);
    return;
  }
  auto tangent = mine.input_bar.leftCols(mine.batch);
  tangent.topRows(dimension()) = v;
  tangent.row(dimension()).setZero();
  network_->pushforward(theta(), tangent, x_dot_tangent, *mine.network);
}

template class NetworkField<float>;
template class NetworkField<double>;

}  // namespace least_action
