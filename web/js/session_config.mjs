// The settings of an experiment as a link's text.
import * as check from './arguments.mjs';

const LONGEST_QUERY = 2 ** 20;

function configValue(name, key, value, add) {
  if (key === 'p') {
    for (const [parameter, number] of check.entries(`${name}.p`, value)) {
      add(`p.${parameter}`, check.finite(`${name}.p.${parameter}`, number));
    }
  } else if (key === 'models' && typeof value === 'object') {
    add(key, check.array(`${name}.models`, value, 1000)
      .map((model, i) => check.text(`${name}.models[${i}]`, model)).join('+'));
  } else if (key === 'x0' && typeof value === 'object') {
    add(key, check.numbers(`${name}.x0`, value).join(','));
  } else if (key === 'pins' && typeof value === 'object') {
    add(key, check.array(`${name}.pins`, value, 1000)
      .map((start, i) => check.numbers(`${name}.pins[${i}]`, start).join(',')).join(';'));
  } else if (typeof value === 'boolean') {
    add(key, value ? '1' : '0');
  } else if (typeof value === 'number' || typeof value === 'string') {
    add(key, value);
  } else {
    check.refuse(`${name}.${key}`, value, 'text or a number');
  }
}

/**
 * Settings as a link's text: from that text, or from an object such as
 * `{ system: 'pendulum', models: ['hnn:32,32:tanh', 'node:32,32:tanh'], lr: 0.003,
 *    x0: [1, 0], p: { length: 1.2 } }`.
 */
export function queryOf(name, config) {
  if (config === undefined) return '';
  if (typeof config === 'string') return check.text(name, config, LONGEST_QUERY);
  const parts = [];
  const encoded = (part) => check.reading(name, () => encodeURIComponent(part));  // half a surrogate pair
  const add = (key, value) => parts.push(`${encoded(key)}=${encoded(value)}`);
  for (const [key, value] of check.entries(name, config)) {
    if (value !== undefined) configValue(name, key, value, add);
  }
  return check.text(name, parts.join('&'), LONGEST_QUERY);
}
