// Oracle: the native library (GCC on x86-64), whose numbers vectors.json holds: see write_vectors.cpp.
//
// What is evaluated in double differs by rounding alone (measured: at most 7·10⁻¹⁵ of the largest number of
// a list); 10⁻⁹ is asked for, as other SIMD widths and fused multiplications round differently and a solve
// amplifies that. Training in single precision rounds by 6·10⁻⁸ fifty times over, and Adam divides by the
// size of noisy gradients: measured 10⁻⁶, asked for 10⁻⁴. In double the same steps keep 10⁻⁹ (6·10⁻¹⁵).
const EVALUATED = 1e-9;
const TRAINED = { float32: 1e-4, float64: 1e-9 };

const parse = (bytes) => JSON.parse(new TextDecoder().decode(bytes));
const KINDS = ['node', 'resnet', 'hnn', 'separable-hnn', 'lnn'];

async function withCase(la, host, kind, work) {
  const vector = parse(await host.file('vectors.json')).cases.find(({ model }) => model.kind === kind);
  const system = await la.System.create(vector.dataset.system);
  const data = system.sample(vector.dataset.options);
  const model = await la.Model.create(vector.model);
  try {
    await work({ vector, data, model });
  } finally {
    for (const object of [system, data, model]) object.close();
  }
}

const casesOf = (kind) => [
  {
    name: `${kind}: data, parameters, rates and energies are those of the native library`,
    run: ({ la, check, host }) => withCase(la, host, kind, ({ vector, data, model }) => {
      const near = (is, expected, what) => check.relative(is, expected, EVALUATED, what);
      const last = data.test().at(-1);
      for (const part of ['times', 'states', 'derivatives']) {
        near(last[part], vector.dataset.lastOfTest[part], part);
      }
      near(model.theta(), vector.theta, 'theta');
      near(model.vectorField(vector.states), vector.vectorField, 'vectorField');
      check.equal(model.hasEnergy, 'energy' in vector);
      if (model.hasEnergy) near(model.energy(vector.states), vector.energy, 'energy');
    }),
  },
  {
    name: `${kind}: roll-outs and their gradients are those of the native library`,
    run: ({ la, check, host }) => withCase(la, host, kind, ({ vector, model }) => {
      const near = (is, expected, what) => check.relative(is, expected, EVALUATED, what);
      for (const { options, states } of vector.rollouts) {
        near(model.rollout(vector.x0, vector.times, options).states, states, options.method);
      }
      for (const { options, statesBar, x0, theta, times } of vector.adjoints) {
        const result = model.adjoint(vector.x0, vector.times, statesBar, options);
        near(result.x0, x0, `${options.sensitivity} x0`);
        near(result.theta, theta, `${options.sensitivity} theta`);
        near(result.times, times, `${options.sensitivity} times`);
      }
    }),
  },
  {
    name: `${kind}: losses and their gradients are those of the native library`,
    run: ({ la, check, host }) => withCase(la, host, kind, ({ vector, data, model }) => {
      for (const { options, loss, gradient } of vector.losses) {
        const what = `${options.loss}, ${options.part}`, result = model.gradient(data, options);
        check.relative(result.loss, loss, EVALUATED, what);
        check.relative(result.gradient, gradient, EVALUATED, `${what}, gradient`);
        check.equal(model.loss(data, options), result.loss, what);
      }
    }),
  },
  {
    name: `${kind}: fifty steps of training are those of the native library`,
    run: ({ la, check, host }) => withCase(la, host, kind, async ({ vector, data }) => {
      for (const { options, trained } of vector.trainings) {
        const model = await la.Model.create(vector.model);
        const near = (is, expected, what) => check.relative(is, expected, TRAINED[options.precision],
          `${options.precision} ${what}`);
        await model.train(data, options);
        near(model.theta(), trained.theta, 'theta');
        near(model.loss(data), trained.loss, 'loss');
        near(model.history().trainLoss, trained.historyTrainLoss, 'trainLoss');
        near(model.history().testLoss, trained.historyTestLoss, 'testLoss');
        model.close();
      }
    }),
  },
];

export const cases = KINDS.flatMap(casesOf);
