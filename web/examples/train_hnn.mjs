// A Hamiltonian network learns a pendulum and keeps its energy.
import { Model, System } from 'least-action';

const pendulum = await System.create('pendulum');
const data = pendulum.sample({ trajectories: 25, noise: 0.01 });
const model = await Model.create({ kind: 'hnn', system: pendulum });

const { testLoss } = await model.train(data, { steps: 2000, schedule: 'cosine' });
console.log(`test loss ${testLoss.toExponential(1)}`);

const times = Array.from({ length: 201 }, (_, i) => i / 10); // 0 … 20 s
const { states } = model.rollout([1.5, 0], times); // (q, p) at each time, one after another
const energy = pendulum.energy(states); // the true energy along the learned motion
const drift = Math.max(...energy.map((e) => Math.abs(e - energy[0])));
console.log(`energy ${energy[0].toFixed(2)} J, in 20 s it drifts by at most ${drift.toFixed(3)} J`);
