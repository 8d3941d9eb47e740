// Frames: when to draw one, at what size, and what to do when the graphics context goes away.

/** Draws frames of the engine on a canvas, and none while nothing moves. */
export class Display {
  #engine;
  #canvas;
  #afterFrame;
  #pending = 0;
  #timer = 0;
  #lost = false;
  #stopped = false;

  /** `afterFrame()` follows each frame. */
  constructor(engine, canvas, afterFrame) {
    this.#engine = engine;
    this.#canvas = canvas;
    this.#afterFrame = afterFrame;
    this.#followSize();
    this.#followContext();
    document.addEventListener('visibilitychange', () => {
      engine.setVisible(!document.hidden);
      if (!document.hidden) this.request();
    });
  }

  /** A frame at the display's next refresh. */
  request() {
    if (this.#pending || this.#stopped || this.#lost) return;
    this.#pending = requestAnimationFrame(() => {
      this.#pending = 0;
      this.draw();
    });
  }

  /** A frame at once. */
  draw() {
    if (this.#stopped || this.#lost) return;
    clearTimeout(this.#timer);
    const wait = this.#engine.frame(performance.now() / 1000);
    if (wait === -2) {
      this.#stopped = true;
      return;
    }
    try {
      this.#afterFrame();
    } catch (error) {
      console.error(error);  // the picture goes on without its address
    }
    if (wait === 0) this.request();
    if (wait > 0) this.#timer = setTimeout(() => this.request(), 1000 * wait);
  }

  /** No more frames: the engine broke. */
  stop() {
    this.#stopped = true;
    cancelAnimationFrame(this.#pending);
    clearTimeout(this.#timer);
  }

  #followSize() {
    const canvas = this.#canvas;
    let shown = '';
    const fit = (pixelWidth, pixelHeight) => {
      const box = canvas.getBoundingClientRect();
      const ratio = devicePixelRatio || 1;
      // The exact size where the browser tells one (emulated ratios it does not know).
      const size = (css, exact) => Math.max(1,
        exact && Math.abs(exact - css * ratio) < 1 ? exact : Math.round(css * ratio));
      const width = size(box.width, pixelWidth), height = size(box.height, pixelHeight);
      const now = `${width} ${height} ${ratio}`;
      if (now === shown || box.width === 0) return;
      shown = now;
      canvas.width = width;
      canvas.height = height;
      this.#engine.resize(width / ratio, height / ratio, ratio);
      this.draw();  // a canvas that changed size is blank until drawn
    };
    const observer = new ResizeObserver(([entry]) => {
      const exact = entry.devicePixelContentBoxSize?.[0];
      fit(exact?.inlineSize, exact?.blockSize);
    });
    try {
      observer.observe(canvas, {box: 'device-pixel-content-box'});
    } catch {
      observer.observe(canvas);
    }
    const watchRatio = () => {
      const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
      query.addEventListener('change', () => { fit(); watchRatio(); }, {once: true});
    };
    watchRatio();
    fit();
    // A phone's keyboard covers the lower part of the page without resizing it.
    self.visualViewport?.addEventListener('resize', () => {
      const covered = innerHeight - visualViewport.height * visualViewport.scale;
      this.#engine.insets(0, Math.max(0, Math.round(covered)));
      this.request();
    });
  }

  #followContext() {
    this.#canvas.addEventListener('webglcontextlost', (event) => {
      event.preventDefault();  // else it never comes back
      this.#lost = true;
    });
    this.#canvas.addEventListener('webglcontextrestored', () => {
      this.#lost = false;
      this.#engine.restoreDevice();
      this.draw();
    });
  }
}
