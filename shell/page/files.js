// Files and the clipboard: what the app offers or asks for, done the browser's way.

const LARGEST_FILE = 64 << 20;
const KINDS = ['copyText', 'copyLink', 'download', 'openFile'];  // HostRequest::Kind

/** Puts text on the clipboard; true where it got there. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No permission or no secure context: the old way.
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'visually-hidden';
    const focused = document.activeElement;
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    focused?.focus({preventScroll: true});
    return done;
  }
}

function download(name, blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Answers the app's requests and takes dropped files. */
export function connectFiles(engine, request) {
  const say = (text, isFault = false) => {
    engine.message(text, isFault);
    request();
  };
  const take = async (file) => {
    if (!file) return;
    if (file.size > LARGEST_FILE) return say(`${file.name} has ${Math.round(file.size / 1e6)} MB; a run has less than 64.`, true);
    try {
      engine.importFile(file.name, new Uint8Array(await file.arrayBuffer()));
      request();
    } catch (error) {
      say(`${file.name} could not be read (${error.message}).`, true);
    }
  };
  const answer = {
    async copyText(name, type, bytes) {
      if (!await copy(new TextDecoder().decode(bytes))) say('The browser did not allow copying.', true);
    },
    async copyLink(name, type, bytes) {
      const query = new TextDecoder().decode(bytes);
      const link = location.origin + location.pathname + location.search + (query ? `#${query}` : '');
      const done = await copy(link);
      say(done ? 'Link copied.' : `The browser did not allow copying; the link is ${link}`, !done);
    },
    download(name, type, bytes) { download(name, new Blob([bytes], {type: type || 'application/octet-stream'})); },
    openFile(name, type) {
      const picker = document.createElement('input');
      picker.type = 'file';
      picker.accept = type;
      picker.addEventListener('change', () => take(picker.files[0]));
      picker.click();
    },
  };
  engine.onRequest = (kind, name, type, bytes) => { answer[KINDS[kind]]?.(name, type, bytes); };
  engine.onCopied = (text) => { copy(text); };
  engine.onPicture = (name, rgba, width, height) => {
    if (width <= 0 || height <= 0) return say('There is nothing to take a picture of.', true);
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(rgba.buffer), width, height), 0, 0);
    canvas.toBlob((blob) => blob ? download(name, blob) : say('The browser did not make the picture.', true), 'image/png');
  };

  const hasFiles = (event) => event.dataTransfer?.types.includes('Files');
  const highlight = (on) => document.documentElement.classList.toggle('drop-target', on);
  addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    highlight(true);
  });
  addEventListener('dragleave', (event) => { if (!event.relatedTarget) highlight(false); });
  addEventListener('drop', (event) => {
    highlight(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
}
