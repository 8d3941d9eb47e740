// Pointer, wheel, touch, keys, text and clipboard, from the canvas to the engine. Nothing is
// taken from the rest of the page: listeners sit on the canvas (and on the hidden text field
// that stands in for the one being edited), and only keys the app uses lose their default.

// ImGui's cursors, in its order.
const CURSORS = ['default', 'text', 'move', 'ns-resize', 'ew-resize', 'nesw-resize', 'nwse-resize',
  'pointer', 'not-allowed'];
const BUTTONS = [0, 2, 1];  // of the DOM -> of ImGui
const NAVIGATION = new Set(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End',
  'PageUp', 'PageDown', 'Tab', 'Enter', 'Escape', 'Backspace', 'Delete', 'Insert', ' ']);
const TOUCH_DELAY = 90;   // ms for a second finger to make a pinch of it
const TOUCH_SLOP = 7;     // px that make it a drag at once
const WHEEL_NOTCH = {0: 100, 1: 3, 2: 1};  // by deltaMode: pixels, lines, pages

/** Feeds `engine` from `canvas`; `proxy` is the hidden text field. */
export class Input {
  #engine; #display; #canvas; #proxy;
  #touches = new Map();
  #touch = 'none';  // none | waiting | dragging | pinching | over
  #waiting = 0;
  #leaving = false;
  #composing = false;

  constructor(engine, display, canvas, proxy) {
    this.#engine = engine;
    this.#display = display;
    this.#canvas = canvas;
    this.#proxy = proxy;
    this.#listenToPointer();
    this.#listenToKeys();
    this.#listenToText();
    this.#listenToClipboard();
  }

  /** After each frame: the cursor's shape, and the text field where the app edits text. */
  follow() {
    const cursor = this.#engine.cursor();
    this.#canvas.style.cursor = cursor < 0 ? 'none' : CURSORS[cursor] ?? 'default';
    const focused = document.activeElement;
    if (this.#engine.wantsText()) {
      const [x, y, height] = this.#engine.textCursor();
      this.#proxy.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
      this.#proxy.style.height = `${Math.max(12, Math.round(height))}px`;
      if (focused === this.#canvas) this.#proxy.focus({preventScroll: true});
    } else if (focused === this.#proxy) {
      this.#canvas.focus({preventScroll: true});
    }
  }

  // --- Pointer ---

  #position(event) {
    const box = this.#canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #listenToPointer() {
    const canvas = this.#canvas, engine = this.#engine;
    const on = (type, handler) => canvas.addEventListener(type, (event) => {
      handler(event);
      this.#display.request();
    }, {passive: false});

    on('pointerdown', (event) => {
      if (document.activeElement !== this.#proxy) canvas.focus({preventScroll: true});
      event.preventDefault();  // keeps the focus where it is, and emulated mouse events away
      try {
        canvas.setPointerCapture(event.pointerId);
      } catch { /* a synthetic pointer has none */ }
      if (event.pointerType === 'touch') return this.#touchDown(event);
      engine.modifiers(event);
      engine.pointer(...this.#position(event), false);
      if (event.button < 3) engine.button(BUTTONS[event.button], true);
    });
    on('pointermove', (event) => {
      if (event.pointerType === 'touch') return this.#touchMove(event);
      engine.pointer(...this.#position(event), false);
    });
    on('pointerup', (event) => {
      if (event.pointerType === 'touch') return this.#touchUp(event);
      engine.pointer(...this.#position(event), false);
      if (event.button < 3) engine.button(BUTTONS[event.button], false);
    });
    on('pointercancel', (event) => {
      if (event.pointerType === 'touch') return this.#touchUp(event, true);
      for (const button of BUTTONS) engine.button(button, false);
    });
    on('pointerleave', (event) => {
      if (event.pointerType !== 'touch' && event.buttons === 0) engine.pointerAway();
    });
    on('wheel', (event) => {
      event.preventDefault();
      const notch = WHEEL_NOTCH[event.deltaMode] * (event.ctrlKey ? 0.2 : 1);  // ctrl: a pinch on a touchpad
      const amount = (delta) => Math.max(-3, Math.min(3, -delta / notch));
      engine.pointer(...this.#position(event), false);
      engine.wheel(amount(event.deltaX), amount(event.deltaY));
    });
    canvas.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  // --- Touch: one finger is the left button, two pinch ---

  #touchDown(event) {
    this.#touches.set(event.pointerId, this.#position(event));
    const fingers = this.#touches.size;
    if (fingers === 1) {
      this.#touch = 'waiting';
      this.#engine.pointer(...this.#position(event), true);
      this.#waiting = setTimeout(() => this.#press(), TOUCH_DELAY);
    } else if (fingers === 2) {
      this.#release(true);
      this.#touch = 'pinching';
      this.#pinch([...this.#touches.values()], true);
    }
  }

  #touchMove(event) {
    const before = this.#touches.get(event.pointerId);
    if (!before) return;
    const now = this.#position(event);
    if (this.#touch === 'pinching') {
      const old = [...this.#touches.values()];
      this.#touches.set(event.pointerId, now);
      this.#pinch(old, true);
      return;
    }
    if (this.#touch === 'waiting') {
      if (Math.hypot(now[0] - before[0], now[1] - before[1]) < TOUCH_SLOP) return;
      this.#press();
    }
    this.#touches.set(event.pointerId, now);
    if (this.#touch === 'dragging') this.#engine.pointer(...now, true);
  }

  #touchUp(event, cancelled = false) {
    if (!this.#touches.delete(event.pointerId)) return;
    if (this.#touch === 'waiting' && !cancelled) this.#press();
    if (this.#touch === 'waiting' || this.#touch === 'dragging') this.#release(cancelled);
    if (this.#touch === 'pinching') this.#engine.pinch(false, 1, 0, 0, 0, 0);
    this.#touch = this.#touches.size > 0 ? 'over' : 'none';  // the finger that stays does nothing
    if (this.#touches.size === 0 && !cancelled) {
      // A phone opens its keyboard only from within the event: see now whether text is wanted.
      for (let i = 0; i < 3; ++i) this.#display.draw();
    }
  }

  #press() {
    clearTimeout(this.#waiting);
    if (this.#touch !== 'waiting') return;
    this.#touch = 'dragging';
    this.#engine.button(0, true);
    this.#display.request();
  }

  /** Lifts the button; `harmlessly`: off every control, so that nothing is clicked. */
  #release(harmlessly) {
    clearTimeout(this.#waiting);
    if (harmlessly) this.#engine.pointerAway();
    if (this.#touch === 'dragging') this.#engine.button(0, false);
    this.#engine.pointerAway();  // a finger that left hovers over nothing
  }

  #pinch(old, pinching) {
    const now = [...this.#touches.values()];
    const span = ([a, b]) => Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1]));
    const centre = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    const [x, y] = centre(now), [x0, y0] = centre(old);
    this.#engine.pinch(pinching, span(now) / span(old), x, y, x - x0, y - y0);
  }

  // --- Keys ---

  #listenToKeys() {
    for (const element of [this.#canvas, this.#proxy]) {
      element.addEventListener('keydown', (event) => this.#keyDown(event, element === this.#proxy));
      element.addEventListener('keyup', (event) => {
        this.#engine.modifiers(event);
        this.#engine.key(event.key, false);
        this.#display.request();
      });
      element.addEventListener('focus', (event) => {
        if (!this.#isOurs(event.relatedTarget)) this.#engine.focus(true);
        this.#display.request();
      });
      element.addEventListener('blur', (event) => {
        if (!this.#isOurs(event.relatedTarget)) this.#engine.focus(false);
        this.#display.request();
      });
    }
  }

  #isOurs(element) { return element === this.#canvas || element === this.#proxy; }

  #keyDown(event, editing) {
    if (event.isComposing || event.key === 'Unidentified' || event.key === 'Process') return;
    const command = event.ctrlKey || event.metaKey;
    const letter = event.key.length === 1 && event.key !== ' ';
    if (event.key === 'Tab' && (this.#leaving || command || event.altKey)) return;  // on to the page
    if (!['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) {
      this.#leaving = event.key === 'Escape' && !editing;
    }
    this.#engine.modifiers(event);
    this.#display.request();
    if (command && (event.key.toLowerCase() === 'v' || !(editing || letter))) return;
    // Outside a text field the browser keeps its own shortcuts (reload, find, zoom, …).
    if (command && !editing && !['c', 'x', 'a', 'z', 'y'].includes(event.key.toLowerCase())) return;
    if (event.altKey && !editing) return;
    const known = this.#engine.key(event.key, true);
    const typed = editing && (event.key.length === 1) && !command;
    if (typed) return;  // arrives as text
    if (known && (NAVIGATION.has(event.key) || (command && editing && 'azy'.includes(event.key.toLowerCase())))) {
      event.preventDefault();
    }
  }

  // --- Text ---

  #listenToText() {
    const proxy = this.#proxy;
    const reset = () => { proxy.value = '  '; proxy.setSelectionRange(1, 1); };  // something to delete
    reset();
    proxy.addEventListener('focus', reset);
    proxy.addEventListener('compositionstart', () => { this.#composing = true; });
    proxy.addEventListener('compositionend', (event) => {
      this.#composing = false;
      this.#type(event.data);
      reset();
    });
    proxy.addEventListener('beforeinput', (event) => {
      if (this.#composing || event.inputType === 'insertCompositionText') return;
      event.preventDefault();
      const keys = {deleteContentBackward: 'Backspace', deleteContentForward: 'Delete',
        insertLineBreak: 'Enter', insertParagraph: 'Enter'};
      if (keys[event.inputType]) this.#tap(keys[event.inputType]);
      else if (event.inputType.startsWith('insert') && event.inputType !== 'insertFromPaste') this.#type(event.data);
    });
  }

  #type(text) {
    if (text) this.#engine.text(text);
    this.#display.request();
  }

  #tap(key) {
    this.#engine.key(key, true);
    this.#engine.key(key, false);
    this.#display.request();
  }

  // --- Clipboard: the app copies by `onCopied`; a paste is Ctrl+V once the text is known ---

  #listenToClipboard() {
    document.addEventListener('paste', (event) => {
      if (!this.#isOurs(document.activeElement)) return;
      event.preventDefault();
      this.#engine.setClipboard(event.clipboardData.getData('text/plain'));
      const mac = isMac();
      this.#engine.modifiers({ctrlKey: !mac, metaKey: mac, shiftKey: false, altKey: false});
      this.#tap('v');
      this.#engine.modifiers({ctrlKey: false, metaKey: false, shiftKey: false, altKey: false});
    });
  }
}

export function isMac() { return /Mac|iPhone|iPad/.test(navigator.platform ?? ''); }
