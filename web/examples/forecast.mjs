// Reads measured positions and momenta, learns the Hamiltonian behind them, and writes a forecast:
//   node forecast.mjs [measured.csv [forecast.csv]]
import { readFile, writeFile } from 'node:fs/promises';
import { Dataset, Model, readCsv, writeCsv } from 'least-action';

const [input = 'measured.csv', output = 'forecast.csv'] = process.argv.slice(2);
const { rows, values: { t, q, p } } = readCsv(await readFile(input, 'utf8'));

// One measured motion: times, and states (q, p) one after another. Nobody measured derivatives.
const states = Float64Array.from({ length: 2 * rows }, (_, i) => (i % 2 ? p : q)[i >> 1]);
const data = await Dataset.create({ train: [{ times: t, states }] });

// q is an angle; momenta are about 3 kg m²/s large.
const model = await Model.create({ kind: 'hnn', periodic: [true], scale: [1, 3] });
const { trainLoss } = await model.train(data, {
  loss: 'trajectory', // segments of the motion, solved from their first point: no derivatives are needed
  segmentLength: 20,
  batchSize: 64,
  steps: 600,
  learningRate: 5e-3,
  schedule: 'cosine',
  onProgress: ({ step, trainLoss: loss }) => console.log(`step ${step}, loss ${loss.toExponential(2)}`),
  progressEvery: 1000, // ms
});

// Where the measurement ends the forecast begins: 10 s more.
const last = t[rows - 1];
const times = Array.from({ length: 201 }, (_, i) => last + i / 20);
const forecast = model.rollout(states.subarray(-2), times);
await writeFile(output, writeCsv({
  t: forecast.times,
  q: forecast.times.map((_, i) => forecast.states[2 * i]),
  p: forecast.times.map((_, i) => forecast.states[2 * i + 1]),
}));
console.log(`loss ${trainLoss.toExponential(2)}; wrote ${forecast.times.length} states to ${output}`);
