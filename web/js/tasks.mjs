// Letting the host live: events, timers and drawing go first, then the work goes on.

let channel;
const waiting = [];

function next() {
  waiting.shift()();
}

/**
 * Resolves in a task of its own, after those that are due. Not by scheduler.yield, whose continuations
 * go before timers and would keep an abort waiting; and not by timers, which are 4 ms apart.
 */
export function nextTask() {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    if (typeof MessageChannel !== 'function') {
      setTimeout(resolve, 0);
      return;
    }
    if (!channel) {
      channel = new MessageChannel();
      channel.port1.onmessage = next;
    }
    waiting.push(resolve);
    channel.port2.postMessage(0);
  });
}
