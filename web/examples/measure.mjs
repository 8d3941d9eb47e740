// "Measures" the swing of a pendulum: 20 s at 20 Hz with noise. measured.csv is what this printed:
//   node measure.mjs > measured.csv
import { System, writeCsv } from 'least-action';

const pendulum = await System.create('pendulum');
const data = pendulum.sample({
  trajectories: 1, samples: 401, duration: 20, noise: 0.01, testFraction: 0, seed: 4,
});
const [{ times, states }] = data.train();
process.stdout.write(writeCsv({
  t: times.map((t) => Number(t.toFixed(2))),
  q: times.map((_, i) => Number(states[2 * i].toFixed(4))),
  p: times.map((_, i) => Number(states[2 * i + 1].toFixed(4))),
}));
