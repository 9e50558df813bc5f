// Follows a stream of JSON states and says when it is lost. The browser's own reconnection is not
// used: it gives up for good on an HTTP error, and never notices a connection that went silent.

const retryMs = 2000;

/**
 * @template T
 * @param {string} address of a server-sent event stream
 * @param {object} on
 * @param {(state: T) => void} on.state called with each state
 * @param {() => void} on.lost called at each failed attempt, until a state arrives again
 * @param {number} [silenceMs] a connection that says nothing for so long counts as lost
 * @returns {() => void} stops following
 */
export function follow(address, on, silenceMs = 30_000) {
  /** @type {EventSource} */
  let source;
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;

  const wait = (/** @type {number} */ ms, /** @type {() => void} */ then) => {
    clearTimeout(timer);
    timer = setTimeout(then, ms);
  };
  const lose = () => {
    source.close();
    on.lost();
    wait(retryMs, open);
  };
  const open = () => {
    source = new EventSource(address);
    source.onerror = lose;
    source.onmessage = (event) => {
      wait(silenceMs, lose);
      on.state(JSON.parse(event.data));
    };
    wait(silenceMs, lose);
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
