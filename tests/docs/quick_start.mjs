// The JavaScript quick start of README.md, word for word: tests/docs/check_readme.py compares the
// two, and tests/web/quick_start.test.mjs runs it against the packed and installed package.
import { Session } from 'least-action';

const session = await Session.create({
  system: 'pendulum',
  models: ['hnn:32,32:tanh', 'node:32,32:tanh'],
  seed: 1,
});
session.advance(1000); // steps of each model

const { models } = session.view();
for (const { name, testLoss, energyDrift } of models) {
  console.log(`${name}: test loss ${testLoss.toExponential(1)}, energy drift ${energyDrift.toFixed(3)}`);
}
const orbit = session.rollout(0, [2, 0], [0, 1, 2, 3]); // states (q, p) at 0 … 3 s, from q = 2 rad
console.log('q(3 s) =', orbit.states.at(-2));

const file = session.save(); // a Uint8Array: Session.open(file) goes on, bit for bit
session.close();
