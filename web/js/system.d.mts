import type {} from './disposable.mjs';
import type { Dataset } from './dataset.mjs';
import type { Chart, Doubles, Grid, GridOptions, Numbers, Rollout, RolloutOptions } from './solving.mjs';

/** The mechanical systems; {@link systems} describes each. */
export type SystemName = keyof ParameterNames;

/** Names of each system's parameters, with their units and defaults. */
export interface ParameterNames {
  /** mass [kg] 1, stiffness [N/m] 1 */
  spring: 'mass' | 'stiffness';
  /** mass [kg] 1, length [m] 1, gravity [m/s²] 9.81 */
  pendulum: 'mass' | 'length' | 'gravity';
  /** mass [kg] 1, length [m] 1, gravity [m/s²] 9.81, damping [N m s] 0.25 */
  'damped-pendulum': 'mass' | 'length' | 'gravity' | 'damping';
  /** mass1, mass2 [kg] 1, length1, length2 [m] 1, gravity [m/s²] 9.81 */
  'double-pendulum': 'mass1' | 'mass2' | 'length1' | 'length2' | 'gravity';
  /** alpha −1, beta 1 */
  duffing: 'alpha' | 'beta';
  /** lambda 1 */
  'henon-heiles': 'lambda';
  /** mass1 1, mass2 0.5, gravity 1 */
  'two-body': 'mass1' | 'mass2' | 'gravity';
  /** mass [kg] 1, stiffness [N/m] 1, coupling [N/m] 0.3, nonlinearity [N/m³] 0 */
  'coupled-oscillators': 'mass' | 'stiffness' | 'coupling' | 'nonlinearity';
}

/** The parameters of a system by name, such as `{ length: 1.2 }`; what is left out has its default. */
export type ParametersOf<Name extends SystemName> = { [Parameter in ParameterNames[Name]]?: number };

/** A generalized coordinate of a system. */
export interface SystemCoordinate {
  /** For people: `'q'`, `'q₁'`, `'x'`. */
  symbol: string;
  /** `'rad'`, `'m'`; empty for a pure number. */
  unit: string;
  /** An angle: q and q + 2π are the same configuration. */
  periodic: boolean;
  /** Half-width of the interesting range of q … */
  typicalPosition: number;
  /** … of q̇ … */
  typicalVelocity: number;
  /** … and of p. */
  typicalMomentum: number;
}

/** How a system is observed. */
export interface SampleOptions {
  /**
   * How many motions, training and test together; at least 2 where `testFraction` is above 0.
   * @defaultValue 25
   */
  trajectories?: number;
  /**
   * Observations of each motion, at least 2 (3 for estimated derivatives).
   * @defaultValue 30
   */
  samples?: number;
  /**
   * Length of each motion [s].
   * @defaultValue 3
   */
  duration?: number;
  /**
   * Standard deviation of the observation noise, in units of each component's typical size.
   * @defaultValue 0
   */
  noise?: number;
  /**
   * Observation times drawn at random instead of a regular grid.
   * @defaultValue false
   */
  irregularTimes?: boolean;
  /**
   * Probability, below 1, that a component of a state is not observed, each for itself (NaN in the data).
   * @defaultValue 0
   */
  missingFraction?: number;
  /**
   * Part of the motions kept for testing, below 1.
   * @defaultValue 0.2
   */
  testFraction?: number;
  /**
   * Where derivative targets come from: the true field (`'exact'`), or differences of the observed states
   * (`'estimate'`).
   * @defaultValue 'exact'
   */
  derivatives?: 'exact' | 'estimate';
  /**
   * The chart of the data; Lagrangian networks learn in `'velocity'`, all others in `'canonical'`.
   * @defaultValue 'canonical'
   */
  chart?: Chart;
  /**
   * The same seed gives the same data; a whole number below 2⁵³.
   * @defaultValue 1
   */
  seed?: number;
}

/** Which chart the states of a call to a system are in. */
export interface ChartOptions {
  /**
   * What the second half of each state holds.
   * @defaultValue 'canonical'
   */
  chart?: Chart;
}
/** Options of {@link System.rollout}. */
export interface SystemRolloutOptions extends RolloutOptions, ChartOptions {}
/** Options of {@link System.grid}. */
export interface SystemGridOptions extends GridOptions, ChartOptions {}

/**
 * A mechanical system with exact equations: the truth to sample, to solve and to compare with. Immutable.
 *
 * Calls take states in the chart of their `chart` option, canonical by default.
 */
export class System implements Disposable {
  /**
   * @param name - which system
   * @param parameters - masses, lengths, …; see {@link systems} for units, defaults and ranges
   * @throws `'invalid-argument'` for an unknown name or a value out of range, `'unknown-option'` for a
   * parameter this system does not have.
   */
  static create<Name extends SystemName>(name: Name, parameters?: ParametersOf<Name>): Promise<System>;
  private constructor();

  /** Which system it is. */
  readonly name: SystemName;
  /** For people: `'Double pendulum'`. */
  readonly title: string;
  /** One or two sentences with its Lagrangian and Hamiltonian. */
  readonly description: string;
  /** n, the number of generalized coordinates. */
  readonly degreesOfFreedom: number;
  /** 2n, the number of components of a state. */
  readonly dimension: number;
  /** All parameters with their values. */
  readonly parameters: Readonly<Record<string, number>>;
  /** n coordinates with their units and typical sizes. */
  readonly coordinates: readonly SystemCoordinate[];
  /** Whether the energy is kept (no damping). */
  readonly isConservative: boolean;
  /** Whether H = T(p) + V(q). */
  readonly isSeparable: boolean;
  /** About one period, or the natural time scale where motion is not periodic [s]. */
  readonly typicalPeriod: number;
  /** Whether `close()` was called. */
  readonly closed: boolean;

  /** A state worth looking at first: dimension numbers, canonical. */
  typicalState(): Doubles;

  /**
   * Simulates motions from random states of the system's sampling region and observes them.
   * @throws `'invalid-argument'` for options that do not fit together.
   */
  sample(options?: SampleOptions): Dataset;

  /**
   * The true motion from x0.
   * @param x0 - one state, or several one after another (batch × dimension), at times[0]
   * @param times - at least one time [s], strictly increasing or strictly decreasing
   * @throws `'invalid-argument'` for wrong lengths, times that are not monotone, or a method that needs
   * H = T(p) + V(q) where it is not so. A solve that stops early does not throw: see `status`.
   */
  rollout(x0: Numbers, times: Numbers, options?: SystemRolloutOptions & { view?: false }): Rollout;
  rollout(x0: Numbers, times: Numbers, options: SystemRolloutOptions): Rollout<Float64Array>;

  /** ẋ at each state: states × dimension in, as many out. */
  vectorField(states: Numbers, options?: ChartOptions): Doubles;

  /** The energy of each state [J]: states × dimension in, one number a state out. */
  energy(states: Numbers, options?: ChartOptions): Doubles;

  /** Field and energy on a grid of a plane of phase space. */
  grid(options?: SystemGridOptions): Grid;

  /** States of one chart in the other, by the exact p = ∂L/∂q̇: states × dimension in, as many out. */
  convert(states: Numbers, from: Chart, to: Chart): Doubles;

  /** Frees the memory; may be called again. Every other call then throws `'closed'`. */
  close(): void;
  /** As `close`, for `using`. */
  [Symbol.dispose](): void;
}
