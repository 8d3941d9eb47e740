// A training under way: in slices between which the host lives, or on a thread that is looked after.
import { LeastActionError } from './errors.mjs';
import { done, headed, textWhere } from './exchange.mjs';
import { threadReady } from './load.mjs';
import { nextTask } from './tasks.mjs';

/** How often a training thread is asked for news, and, once told to stop, whether it has [ms]. */
const POLL = 16, POLL_STOPPING = 2;
/** As TrainingStatus of the library; the others mean that steps remain. */
const FINISHED = 1, FAILED = 3;

const ignore = () => {};

/** Goes through the progress of a training: the newest each time. Leaving early stops the training. */
class ProgressIterator {
  #course;
  #seen = 0;
  #ended = false;

  constructor(course) {
    this.#course = course;
  }

  async next() {
    const course = this.#course;
    while (!this.#ended && course.reports === this.#seen && !course.isOver) await course.news();
    if (this.#ended) return { done: true, value: undefined };
    if (course.reports !== this.#seen) {
      this.#seen = course.reports;
      return { done: false, value: { ...course.latest } };
    }
    this.#ended = true;
    await course.outcome;  // throws what ended the training, where it was an error
    return { done: true, value: undefined };
  }

  async return(value) {
    this.#ended = true;
    this.#course.stop();
    await this.#course.outcome.catch(ignore);
    return { done: true, value };
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

/** What `model.train` gives: a promise of the result that can be iterated over for progress. */
export class TrainingRun extends Promise {
  #course;

  /** `then` gives plain promises. */
  static get [Symbol.species]() {
    return Promise;
  }

  static of(course) {
    const run = new TrainingRun((resolve, reject) => { course.outcome.then(resolve, reject); });
    run.#course = course;
    return run;
  }

  [Symbol.asyncIterator]() {
    this.catch(ignore);  // whoever iterates hears of an error there
    const run = this;
    return this.#course ? new ProgressIterator(this.#course) : (async function* refused() { await run; }());
  }
}

/** One training of one model, whose `raw` has been prepared (unless it is aborted from the start). */
export class Course {
  /** The newest progress, and how many there were. */
  latest;
  reports = 0;
  isOver = false;
  /** A promise of the result. */
  outcome;

  #raw;
  #options;
  #began = performance.now();
  #reported = this.#began;
  #first;
  #message = '';
  #isStopped = false;
  #thrown;  // [error] of onProgress
  #answer;  // what an async onProgress is still doing
  #wake = ignore;
  #waiting = [];

  /** `atEnd` is called when `raw` is not needed any more; it keeps the model alive until then. */
  constructor(raw, options, atEnd) {
    this.#raw = raw;
    this.#options = options;
    done(raw.progress());
    this.#first = headed(1);
    const { signal } = options;
    this.#isStopped = signal?.aborted === true;
    const abort = () => this.stop();
    signal?.addEventListener('abort', abort);
    this.outcome = this.#run(() => {
      signal?.removeEventListener('abort', abort);
      this.isOver = true;
      atEnd();
      this.#tell();
    });
    this.outcome.catch(ignore);  // a TrainingRun tells of it
  }

  /** Ends the training after the step at work. */
  stop() {
    this.#isStopped = true;
    this.#wake();
  }

  /** Resolves at the next report, or the end. */
  news() {
    return new Promise((resolve) => { this.#waiting.push(resolve); });
  }

  #tell() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #run(atEnd) {
    try {
      await nextTask();
      const nothing = this.#isStopped;
      const status = nothing ? 'aborted'
        : await (await this.#hasThread() ? this.#onThread() : this.#inSlices());
      done(this.#raw.progress());
      const progress = this.#progress();
      if (nothing) Object.assign(progress, { steps: this.#first + this.#options.steps, fraction: 0 });
      if (!this.#thrown) this.#report(progress);
      await this.#answer;
      if (this.#thrown) throw this.#thrown[0];
      return { ...progress, status };
    } finally {
      atEnd();
    }
  }

  /** Whether there is a thread to train on; false also where the training was stopped meanwhile. */
  async #hasThread() {
    const { run } = this.#options;
    if (run === 'slices') return false;
    // A script may take long to start; an abort does not wait for it.
    const stopped = new Promise((resolve) => { this.#wake = resolve; });
    if (await Promise.race([threadReady(), stopped])) return true;
    if (run === 'auto' || this.#isStopped) return false;
    throw new LeastActionError('unavailable', 'run is "thread", but no training thread can be had here: '
      + 'a page must be cross-origin isolated, and ready not be given threads: "never"; '
      + 'expected "auto" or "slices"');
  }

  async #inSlices() {
    const { slice } = this.#options;
    for (;;) {
      if (this.#isStopped || this.#thrown) return 'aborted';
      const left = this.#timeLeft();
      if (left <= 0) return 'out-of-time';
      done(this.#raw.advance(0, Math.min(slice, left)));
      const status = headed(0);
      if (status === FINISHED) return 'finished';
      if (status === FAILED) return 'failed';
      this.#reportWhereDue();
      await nextTask();
    }
  }

  async #onThread() {
    if (this.#isStopped) return 'aborted';
    done(this.#raw.startBackground());
    try {
      return await this.#lookAfterThread();
    } catch (error) {
      this.#raw.requestStop();  // nobody would hear of it any more
      throw error;
    }
  }

  async #lookAfterThread() {
    for (let pause = POLL; ; ) {
      await this.#pause(pause);
      done(this.#raw.pollBackground());
      const status = headed(0), isAtWork = headed(7) === 1, isOutOfTime = this.#timeLeft() <= 0;
      if (!isAtWork) {
        if (status === FINISHED) return 'finished';
        if (status === FAILED) return 'failed';
        return this.#isStopped || this.#thrown ? 'aborted' : 'out-of-time';
      }
      if (!this.#isStopped && !this.#thrown && !isOutOfTime) this.#reportWhereDue();
      if (this.#isStopped || this.#thrown || isOutOfTime) {
        this.#raw.requestStop();
        pause = POLL_STOPPING;
      }
    }
  }

  /** Until that many milliseconds have passed, or `stop`. */
  #pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #timeLeft() {
    const { milliseconds } = this.#options;
    return milliseconds === 0 ? Infinity : milliseconds - (performance.now() - this.#began);
  }

  /** From the header that `progress`, `advance` and `pollBackground` leave. */
  #progress() {
    const step = headed(1), steps = headed(2);
    const milliseconds = performance.now() - this.#began;
    this.#message = textWhere(6) || this.#message;
    return {
      step,
      steps,
      fraction: steps > this.#first ? (step - this.#first) / (steps - this.#first) : 1,
      trainLoss: headed(3),
      testLoss: headed(4),
      learningRate: headed(5),
      stepsPerSecond: milliseconds > 0 ? (1000 * (step - this.#first)) / milliseconds : 0,
      milliseconds,
      message: this.#message,
    };
  }

  #reportWhereDue() {
    if (performance.now() - this.#reported >= this.#options.progressEvery) this.#report(this.#progress());
  }

  #report(progress) {
    this.#reported = performance.now();
    this.latest = progress;
    ++this.reports;
    this.#tell();
    const { onProgress } = this.#options;
    try {
      const answer = onProgress?.({ ...progress });
      if (typeof answer?.then === 'function') this.#answer = answer.then(ignore, (error) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** onProgress has thrown, or what it promised was rejected: the training ends with that. */
  #fail(error) {
    this.#thrown ??= [error];
    this.#wake();
  }
}
