/**
 * Numbers in: an array or a typed array of finite numbers (not BigInt). Copied before the call returns.
 * A wrong length is refused with the length that was expected.
 */
export type Numbers = readonly number[] | Float64Array | Float32Array | Int8Array | Uint8Array
  | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array;
/** Numbers out: a Float64Array over memory of its own, so that its buffer can be transferred. */
export type Doubles = ReturnType<Float64Array['slice']>;
/** The same in single precision, for what is drawn. */
export type Floats = ReturnType<Float32Array['slice']>;
/** A file: bytes over memory of their own, fit for `new Blob([bytes])` and `fs.writeFile`. */
export type Bytes = ReturnType<Uint8Array['slice']>;

/**
 * What the second half of a state holds: momenta p (`'canonical'`) or velocities q̇ (`'velocity'`).
 */
export type Chart = 'canonical' | 'velocity';

/** Methods that choose their steps from tolerances. */
export type AdaptiveMethod = 'dopri5' | 'tsit5' | 'bs32' | 'dop853' | 'radau5';
/** Methods of fixed steps. */
export type FixedStepMethod = 'euler' | 'midpoint' | 'rk4' | 'symplectic-euler' | 'verlet' | 'yoshida4'
  | 'yoshida6' | 'yoshida8' | 'implicit-midpoint' | 'gauss4' | 'gauss6' | 'tao2';
/**
 * Solvers of ordinary differential equations; {@link methods} describes each.
 *
 * - adaptive, explicit: `'dopri5'` (Dormand–Prince 5(4)), `'tsit5'` (Tsitouras 5(4)), `'bs32'`
 *   (Bogacki–Shampine 3(2)), `'dop853'` (Dormand–Prince 8(5,3))
 * - adaptive, for stiff fields: `'radau5'`
 * - fixed steps: `'euler'`, `'midpoint'`, `'rk4'`
 * - fixed steps, symplectic, only for H = T(p) + V(q): `'symplectic-euler'`, `'verlet'`, `'yoshida4'`,
 *   `'yoshida6'`, `'yoshida8'`
 * - fixed steps, symplectic for every Hamiltonian: `'implicit-midpoint'`, `'gauss4'`, `'gauss6'` (implicit),
 *   `'tao2'` (explicit, in a doubled phase space)
 */
export type Method = AdaptiveMethod | FixedStepMethod;

/**
 * How a gradient gets back through a solver; {@link sensitivities} describes each. With N steps of s stages:
 *
 * - exact: `'full'` (memory O(N s)), `'symplectic'` (O(N)), `'checkpoint'` (O(log N)), `'reversible'`
 *   (constant)
 * - approximate, as good as the tolerance: `'backsolve'` (constant), `'interpolating'` (O(N))
 */
export type Sensitivity = 'full' | 'symplectic' | 'checkpoint' | 'backsolve' | 'interpolating' | 'reversible';

/** How motions are computed. A residual network is a map: it is iterated, its block times being the steps. */
export interface SolveOptions {
  /**
   * The solver.
   * @defaultValue 'dopri5'
   */
  method?: Method;
  /**
   * Largest step of fixed-step methods [s]: each interval between two times is divided into equal steps of at
   * most this size.
   * @defaultValue 0.01
   */
  step?: number;
  /**
   * Of adaptive methods, above 0.
   * @defaultValue 1e-8
   */
  relativeTolerance?: number;
  /**
   * Of adaptive methods, above 0.
   * @defaultValue 1e-10
   */
  absoluteTolerance?: number;
  /**
   * The solve stops with status `'step-limit'` after so many steps.
   * @defaultValue 1000000
   */
  maxSteps?: number;
}

/** Options of a roll-out. */
export interface RolloutOptions extends SolveOptions {
  /**
   * States as a view of WebAssembly memory instead of a copy: no allocation, but its contents are valid only
   * until the next call of any kind to this package.
   * @defaultValue false
   */
  view?: boolean;
}

/** `'reached-end'`, or why a solve stopped early. */
export type SolveStatus = 'reached-end' | 'step-limit' | 'step-underflow' | 'non-finite' | 'no-convergence';

/** A computed motion, or several at once. */
export interface Rollout<States extends Float64Array = Doubles> {
  /** Times reached [s]; fewer than asked for where the solve stopped early. */
  times: Doubles;
  /** times.length × batch × dimension: at each time, one state after another. */
  states: States;
  /** How many starts `x0` held. */
  batch: number;
  /** `'reached-end'`, or why it stopped early. */
  status: SolveStatus;
  /** Empty, or why it stopped, in words. */
  message: string;
  /** Accepted steps. */
  steps: number;
  /** Steps that were tried again with a smaller size. */
  rejected: number;
  /** Evaluations of the field, of one motion (NFE). */
  evaluations: number;
}

/** Options of {@link Model.adjoint}. */
export interface AdjointOptions extends SolveOptions {
  /**
   * How the gradient gets back through the solver.
   * @defaultValue 'symplectic'
   */
  sensitivity?: Sensitivity;
  /**
   * States that `'checkpoint'` keeps; 0: about the logarithm of the number of steps.
   * @defaultValue 0
   */
  checkpoints?: number;
}

/** Gradients of a cost C that depends on the states of a roll-out. */
export interface Adjoint {
  /** times.length × batch × dimension, as of the roll-out. */
  states: Doubles;
  /** dC/dx₀: batch × dimension. */
  x0: Doubles;
  /** dC/dθ: numParameters. */
  theta: Doubles;
  /** dC/dt of each time, where C depends on the times through the states alone. */
  times: Doubles;
  /** The worst motion's, of either way. */
  status: SolveStatus;
  /** Empty, or what went wrong, in words. */
  message: string;
  /** Evaluations of the field, both ways; a batch counts as one. */
  evaluations: number;
  /** Products with the transposed Jacobian of the field; a batch counts as one. */
  vectorJacobianProducts: number;
  /** The most memory that was held at a time [bytes]. */
  peakBytes: number;
}

/** Which rectangle of phase space, and how finely. */
export interface GridOptions {
  /**
   * State component along x, from 0.
   * @defaultValue 0
   */
  xComponent?: number;
  /**
   * State component along y.
   * @defaultValue degreesOfFreedom: q₁ against p₁ (or q̇₁)
   */
  yComponent?: number;
  /**
   * The left edge, in the unit of the x component.
   * @defaultValue minus the typical size of that component (a system's coordinates, a model's `scale`)
   */
  xMin?: number;
  /**
   * The right edge.
   * @defaultValue the typical size of the x component
   */
  xMax?: number;
  /**
   * The lower edge, in the unit of the y component.
   * @defaultValue minus the typical size of that component
   */
  yMin?: number;
  /**
   * The upper edge.
   * @defaultValue the typical size of the y component
   */
  yMax?: number;
  /**
   * Nodes along x, 2 … 512.
   * @defaultValue 24
   */
  columns?: number;
  /**
   * Nodes along y, 2 … 512.
   * @defaultValue 24
   */
  rows?: number;
  /**
   * The whole state (dimension numbers) that gives the components which are not along an axis.
   * @defaultValue zeros
   */
  base?: Numbers;
}

/** A field and its energy on a grid; node (i, j) has index j · columns + i, row by row from (xMin, yMin). */
export interface Grid {
  /** Nodes along x. */
  columns: number;
  /** Nodes along y. */
  rows: number;
  /** columns: the nodes along x. */
  x: Doubles;
  /** rows: the nodes along y. */
  y: Doubles;
  /** columns × rows: component of ẋ along x; NaN where the field is undefined. */
  dx: Doubles;
  /** columns × rows: component of ẋ along y. */
  dy: Doubles;
  /** columns × rows: the energy [J]; empty where there is none. */
  energy: Doubles;
}
