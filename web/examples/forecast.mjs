// Reads measured positions and momenta, learns the Hamiltonian behind them, and writes a forecast:
//   node forecast.mjs [measured.csv [forecast.csv]]
import { readFile, writeFile } from 'node:fs/promises';
import { Dataset, Model, readCsv, trajectoriesFromTable, writeCsv } from 'least-action';

const [input = 'measured.csv', output = 'forecast.csv'] = process.argv.slice(2);

// One measured motion: times, and states (q, p) one after another. Nobody measured derivatives.
const table = readCsv(await readFile(input, 'utf8'));
const [motion] = trajectoriesFromTable(table, { time: 't', states: ['q', 'p'] });
const data = await Dataset.create({ train: [motion] });

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
const end = motion.times.length - 1;
const { times, states } = model.rollout(
  [motion.states[2 * end], motion.states[2 * end + 1]],
  Array.from({ length: 201 }, (_, i) => motion.times[end] + i / 20),
);
await writeFile(output, writeCsv({
  t: times,
  q: times.map((_, i) => states[2 * i]),
  p: times.map((_, i) => states[2 * i + 1]),
}));
console.log(`loss ${trainLoss.toExponential(2)}; wrote ${times.length} states to ${output}`);
